namespace OrleansSagas.Http;

/// <summary>The bounds of the front door.</summary>
public sealed class SagaHttpOptions
{
    /// <summary>The greatest body that is read, in bytes, from 1 to 1 GiB. Default: 1 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// The greatest number of bytes that bodies of more than 32 KiB and answers of more than 64 KiB may take together while they are on
    /// their way, at least <see cref="MaxBodyBytes"/>; one more is a 503 with Retry-After. Default: 256 MiB.
    /// </summary>
    public long MaxLargeBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>
    /// How long a body of more than 32 KiB may take to arrive, and each 64 KiB of an answer to leave, from 1 second to 1 hour. Default: 30
    /// seconds.
    /// </summary>
    public TimeSpan LargeTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The longest time that <c>Prefer: wait=N</c> is honoured for, from 0 to 1 hour; a longer one is cut to it. Default: 60 seconds.
    /// </summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a quiet event stream says that it is still there, from 1 second to 1 hour. Default: 15 seconds.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The greatest number of event streams open at once, at least 1; one more is a 503 with Retry-After. Default: 10,000.
    /// </summary>
    public int MaxEventStreams { get; set; } = 10_000;
}
