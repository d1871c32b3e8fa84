using OrleansSagas.Decisions;
using OrleansSagas.Execution;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Orleans.Messages;

/// <summary>Between a call and its form for the journey. What an owner says to itself never travels.</summary>
[RegisterConverter]
internal sealed class CallConverter : IConverter<SagaEnvelope, CallMessage>
{
    public CallMessage ConvertToSurrogate(in SagaEnvelope value)
    {
        var call = value.Call;
        var message = new CallMessage { Actor = call.Actor, TraceParent = call.TraceParent, WantsView = call.WantsView, Request = RequestMessage.Of(call.Request), IsUnchecked = call.IsUnchecked };
        (message.Kind, message.Step, message.Note) = call.Input switch
        {
            SagaInput.Start => (CallKind.Start, null, null),
            SagaInput.TimePassed => (CallKind.TimePassed, null, null),
            SagaInput.Cancel input => (CallKind.Cancel, null, input.Note),
            SagaInput.Terminate input => (CallKind.Terminate, null, input.Note),
            SagaInput.Pause input => (CallKind.Pause, null, input.Note),
            SagaInput.Resume input => (CallKind.Resume, null, input.Note),
            SagaInput.RetryUndo input => (CallKind.RetryUndo, input.Path?.Value, input.Note),
            SagaInput.SkipUndo input => (CallKind.SkipUndo, input.Path?.Value, input.Note),
            SagaInput.ResolveUndo input => (CallKind.ResolveUndo, input.Path?.Value, input.Note),
            SagaInput.Answer { Outcome: StepOutcome.Succeeded } input => (CallKind.LateSuccess, input.Path.Value, null),
            _ => throw new NotSupportedException($"An input of the kind {call.Input.GetType().Name} does not leave its process."),
        };
        message.Start = call.Input is SagaInput.Start start ? StartOf(start, call.Plan!) : null;
        message.Success = call.Input is SagaInput.Answer answer
            ? new SuccessMessage { IsUndo = answer.Direction == StepDirection.Undo, Run = answer.Run, Attempt = answer.Attempt }
            : null;
        return message;
    }

    public SagaEnvelope ConvertFromSurrogate(in CallMessage surrogate) => new(new SagaCall
    {
        Input = InputOf(surrogate),
        Plan = surrogate.Start is { } start ? new PlanIdentity(start.Type, start.Version, start.Fingerprint) : null,
        Actor = surrogate.Actor,
        TraceParent = surrogate.TraceParent,
        Request = surrogate.Request?.ToRequest(),
        WantsView = surrogate.WantsView,
        IsUnchecked = surrogate.IsUnchecked,
    });

    private static StartMessage StartOf(SagaInput.Start start, PlanIdentity plan) => new()
    {
        Namespace = start.Key.Namespace,
        Saga = start.Key.Id.Value,
        Data = start.Data.Bytes.ToArray(),
        ContentType = start.Data.ContentType,
        Codec = start.Data.Codec,
        CorrelationId = start.CorrelationId,
        ParentId = start.ParentId?.Value,
        Type = plan.Type,
        Version = plan.Version,
        Fingerprint = plan.Fingerprint,
        KeyId = start.Data.KeyId,
        RootId = start.RootId?.Value,
        Headers = [.. start.Headers],
    };

    private static SagaInput InputOf(in CallMessage message)
    {
        StepPath? step = message.Step is { } path ? StepPath.Parse(path) : null;
        return message.Kind switch
        {
            CallKind.Start => InputOf(message.Start!),
            CallKind.TimePassed => new SagaInput.TimePassed(),
            CallKind.Cancel => new SagaInput.Cancel(message.Note),
            CallKind.Terminate => new SagaInput.Terminate(message.Note),
            CallKind.Pause => new SagaInput.Pause(message.Note),
            CallKind.Resume => new SagaInput.Resume(message.Note),
            CallKind.RetryUndo => new SagaInput.RetryUndo(step, message.Note),
            CallKind.SkipUndo => new SagaInput.SkipUndo(step, message.Note),
            CallKind.ResolveUndo => new SagaInput.ResolveUndo(step, message.Note),
            CallKind.LateSuccess => InputOf(step!.Value, message.Success!),
            _ => throw new NotSupportedException($"A call of the kind {(byte)message.Kind} is not known here: a newer silo sent it."),
        };
    }

    private static SagaInput.Start InputOf(StartMessage start) => new(
        new SagaKey(start.Namespace, new SagaId(start.Saga)),
        new Payload(start.Data, start.ContentType, start.Codec, start.KeyId),
        start.CorrelationId,
        start.ParentId is { } parent ? new SagaId(parent) : null)
    {
        RootId = start.RootId is { } root ? new SagaId(root) : null,
        Headers = SagaHeaders.Of(start.Headers),
    };

    private static SagaInput.Answer InputOf(StepPath step, SuccessMessage success) =>
        new(step, success.IsUndo ? StepDirection.Undo : StepDirection.Do, success.Run, success.Attempt, new StepOutcome.Succeeded());
}
