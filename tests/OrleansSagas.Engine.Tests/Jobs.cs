namespace OrleansSagas.Engine.Tests;

/// <summary>The data of the sagas in these tests.</summary>
public sealed record Job(string Name = "job", int Count = 0);

internal static class Jobs
{
    /// <summary>Retries without a pause.</summary>
    public static RetryPolicy AtOnce(int attempts) => new() { MaxAttempts = attempts, Delay = TimeSpan.Zero };

    /// <summary>
    /// Pauses for more than the time that a saga may be idle in memory: with these names the jitter is a hash, so the pause is known to be
    /// long.
    /// </summary>
    public static RetryPolicy Far { get; } =
        new()
        {
            MaxAttempts = 5,
            Delay = TimeSpan.FromDays(300),
            MaxDelay = TimeSpan.FromDays(365),
        };

    public static SagaBuilder<Job> Define(string type = "job", int version = 1) => Saga.Define<Job>(type, version);

    /// <summary>A step that a service does and undoes.</summary>
    public static SagaBuilder<Job> Keyed(this SagaBuilder<Job> saga, string name, TestService service) =>
        saga.Step(
            name,
            step =>
                step.Do(
                        (_, context) =>
                        {
                            service.Do(context);
                            return Task.CompletedTask;
                        }
                    )
                    .Undo(
                        (_, context) =>
                        {
                            service.Undo(context);
                            return Task.CompletedTask;
                        }
                    )
        );
}
