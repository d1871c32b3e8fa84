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
        var message = new CallMessage
        {
            Actor = call.Actor,
            TraceParent = call.TraceParent,
            WantsView = call.WantsView,
            Request = RequestMessage.Of(call.Request),
            IsUnchecked = call.IsUnchecked,
        };
        (message.Kind, message.Step, message.Note) = call.Input switch
        {
            SagaCommand.Start => (CallKind.Start, null, null),
            SagaCommand.TimePassed => (CallKind.TimePassed, null, null),
            SagaCommand.Cancel input => (CallKind.Cancel, null, input.Note),
            SagaCommand.Terminate input => (CallKind.Terminate, null, input.Note),
            SagaCommand.Pause input => (CallKind.Pause, null, input.Note),
            SagaCommand.Resume input => (CallKind.Resume, null, input.Note),
            SagaCommand.RetryUndo input => (CallKind.RetryUndo, input.Path?.Value, input.Note),
            SagaCommand.SkipUndo input => (CallKind.SkipUndo, input.Path?.Value, input.Note),
            SagaCommand.ResolveUndo input => (CallKind.ResolveUndo, input.Path?.Value, input.Note),
            SagaCommand.Answer { Outcome: StepOutcome.Succeeded } input => (CallKind.LateSuccess, input.Path.Value, null),
            _ => throw new NotSupportedException($"An input of the kind {call.Input.GetType().Name} does not leave its process."),
        };
        message.Start = call.Input is SagaCommand.Start start ? StartOf(start, call.Plan!) : null;
        message.Success = call.Input is SagaCommand.Answer answer
            ? new SuccessMessage
            {
                IsUndo = answer.Direction == StepDirection.Undo,
                Run = answer.Run,
                Attempt = answer.Attempt,
            }
            : null;
        return message;
    }

    public SagaEnvelope ConvertFromSurrogate(in CallMessage surrogate) =>
        new(
            new CommandEnvelope
            {
                Input = InputOf(surrogate),
                Plan = surrogate.Start is { } start ? new PlanIdentity(start.Type, start.Version, start.Fingerprint) : null,
                Actor = surrogate.Actor,
                TraceParent = surrogate.TraceParent,
                Request = surrogate.Request?.ToRequest(),
                WantsView = surrogate.WantsView,
                IsUnchecked = surrogate.IsUnchecked,
            }
        );

    private static StartMessage StartOf(SagaCommand.Start start, PlanIdentity plan) =>
        new()
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

    private static SagaCommand InputOf(in CallMessage message)
    {
        StepPath? step = message.Step is { } path ? StepPath.Parse(path) : null;
        return message.Kind switch
        {
            CallKind.Start => InputOf(message.Start!),
            CallKind.TimePassed => new SagaCommand.TimePassed(),
            CallKind.Cancel => new SagaCommand.Cancel(message.Note),
            CallKind.Terminate => new SagaCommand.Terminate(message.Note),
            CallKind.Pause => new SagaCommand.Pause(message.Note),
            CallKind.Resume => new SagaCommand.Resume(message.Note),
            CallKind.RetryUndo => new SagaCommand.RetryUndo(step, message.Note),
            CallKind.SkipUndo => new SagaCommand.SkipUndo(step, message.Note),
            CallKind.ResolveUndo => new SagaCommand.ResolveUndo(step, message.Note),
            CallKind.LateSuccess => InputOf(step!.Value, message.Success!),
            _ => throw new NotSupportedException($"A call of the kind {(byte)message.Kind} is not known here: a newer silo sent it."),
        };
    }

    private static SagaCommand.Start InputOf(StartMessage start) =>
        new(
            new SagaKey(start.Namespace, new SagaId(start.Saga)),
            new Payload(start.Data, start.ContentType, start.Codec, start.KeyId),
            start.CorrelationId,
            start.ParentId is { } parent ? new SagaId(parent) : null
        )
        {
            RootId = start.RootId is { } root ? new SagaId(root) : null,
            Headers = SagaHeaders.Of(start.Headers),
        };

    private static SagaCommand.Answer InputOf(StepPath step, SuccessMessage success) =>
        new(step, success.IsUndo ? StepDirection.Undo : StepDirection.Do, success.Run, success.Attempt, new StepOutcome.Succeeded());
}
