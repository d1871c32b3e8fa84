using System.Collections.Immutable;
using OrleansSagas.Plans;

namespace OrleansSagas.Decisions;

/// <summary>One decision in the making: the state so far and what led to it.</summary>
internal struct DecisionBuilder(SagaPlan plan, SagaState state, DateTimeOffset now)
{
    private ImmutableArray<SagaEvent>.Builder? _more;
    private SagaEvent? _first;

    public SagaPlan Plan { get; } = plan;

    public SagaState State { get; private set; } = state;

    public DateTimeOffset Now { get; } = now;

    public void Emit(SagaEvent what)
    {
        State = SagaDecider.Evolve(State, what, Now);
        if (_first is null)
        {
            _first = what;
            return;
        }

        _more ??= ImmutableArray.CreateBuilder<SagaEvent>(4);
        _more.Add(what);
    }

    public readonly Decision.Accepted Decision()
    {
        ImmutableArray<SagaEvent> events =
            _first is null ? []
            : _more is null ? [_first]
            : [_first, .. _more];
        return new Decision.Accepted(events, State);
    }
}
