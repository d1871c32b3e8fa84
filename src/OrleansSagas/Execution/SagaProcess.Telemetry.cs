using System.Diagnostics;
using OrleansSagas.Decisions;
using OrleansSagas.Storage;
using OrleansSagas.Telemetry;

namespace OrleansSagas.Execution;

/// <summary>What is counted and traced of a saga. Nothing here decides anything.</summary>
internal sealed partial class SagaProcess
{
    /// <summary>When the saga is to be woken, to be compared with when it was; null for never, or where that is measured already.</summary>
    private DateTimeOffset? _wakeAt;

    /// <summary>The span of the commit that is under way; null where nobody listens.</summary>
    private Activity? _span;

    /// <summary>Counts what a commit made durable, also where this process is closed by now: no other one will.</summary>
    private void Count(PendingCommit pending)
    {
        if (pending.State is not { } state)
            return;
        foreach (var (message, decision) in pending.Taken)
        {
            if (decision is Decision.Accepted happened)
                foreach (var what in happened.Events)
                    _services.Instruments.Happened(state.Identity, what, state.UpdatedAt);
            else if (message.Attempt is not null && decision is Decision.Rejected { Kind: RejectionKind.Late })
                _services.Instruments.Late(state.Identity.Type, LateAnswer.Dropped);
            else if (decision is Decision.Rejected { Kind: RejectionKind.LateSuccess })
                _services.Instruments.Late(state.Identity.Type, LateAnswer.Stands);
        }
    }

    /// <summary>Measures how long after it was to be woken the saga goes on.</summary>
    private void MeasureWakeUp()
    {
        if (_wakeAt is not { } due || _state is null || Now is var now && now < due)
            return;
        _wakeAt = null;
        _services.Instruments.Woke(_state.Identity.Type, now - due);
    }

    private void BeginSpan(PendingCommit pending, SagaCommit commit)
    {
        var first = pending.Taken[0].Message;
        _span = SagaActivities.BeginCommit(
            commit,
            pending.State!.Identity.Type,
            first.IsFromOutside ? first.Call.TraceParent : null,
            _traceParent ?? first.Call.TraceParent
        );
    }

    private void EndSpan(CommitOutcome outcome)
    {
        SagaActivities.End(_span, outcome);
        _span?.Dispose();
        _span = null;
    }
}
