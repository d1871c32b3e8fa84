using System.Collections.Immutable;
using OrleansSagas.Plans;

namespace OrleansSagas.Decisions;

/// <summary>One decision in the making: the state so far and what led to it.</summary>
internal struct Turn(SagaPlan plan, SagaState state, DateTimeOffset now)
{
    private ImmutableArray<SagaEvent>.Builder? _more;
    private SagaEvent? _first;

    public SagaPlan Plan { get; } = plan;

    public SagaState State { get; private set; } = state;

    public DateTimeOffset Now { get; } = now;

    public void Happen(SagaEvent what)
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

    public readonly Decision.Happened Decision()
    {
        ImmutableArray<SagaEvent> events =
            _first is null ? []
            : _more is null ? [_first]
            : [_first, .. _more];
        return new Decision.Happened(events, State);
    }
}
