namespace OrleansSagas;

/// <summary>How an engine behaves.</summary>
public sealed class SagaOptions
{
    /// <summary>
    /// How many sagas may be in memory before new starts are refused, 1 or more. Waiting ones are not in memory. Default: 10,000.
    /// </summary>
    public int MaxActiveSagas { get; set; } = 10_000;

    /// <summary>How large a saga's data may be, in bytes of JSON, 2 to 64 MiB. Default: 1 MiB.</summary>
    public int MaxDataBytes { get; set; } = 1 << 20;

    /// <summary>
    /// A saga that has nothing to do for longer than this is dropped from memory and woken by the clock, 1 second to 1 hour. Default: 10
    /// seconds.
    /// </summary>
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many sagas are loaded at a time when the engine resumes what is unfinished, 1 to 10,000. Default: 64.</summary>
    public int ResumeParallelism { get; set; } = 64;

    /// <summary>How long a stop waits for running steps, zero to 1 hour. Default: 15 seconds.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(15);
}
