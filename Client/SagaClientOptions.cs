using System.Text.Json;

namespace OrleansSagas.Client;

/// <summary>
/// Where the saga server is, and how patient the client is with it. Checked when the host starts, or when the client is first used.
/// </summary>
public sealed class SagaClientOptions
{
    /// <summary>The server's http or https address; a path in it is kept as a prefix. Required.</summary>
    public Uri? Address { get; set; }

    /// <summary>The key sent as <c>Authorization: Bearer</c>. Default: none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>How the data of a saga is written when it is started. Default: web defaults (camel case).</summary>
    public JsonSerializerOptions Json { get; set; } = JsonSerializerOptions.Web;

    /// <summary>
    /// How long one call waits on the server for a saga's end before it asks again, 1 to 60 seconds. Default: 20 seconds.
    /// </summary>
    public TimeSpan PollWait { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long one attempt may take, on top of the time it was asked to wait on the server; 10 milliseconds to 1 hour. Default: 10
    /// seconds.
    /// </summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long after its first failed attempt a call is still repeated, at most 1 day; zero repeats nothing. Default: 30 seconds.
    /// </summary>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The pause before the first repeat; it doubles with each, with jitter. More than zero. Default: 200 milliseconds.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The longest pause between two attempts, also where the server's Retry-After asks for more; at most 1 day. Default: 5 seconds.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a watch's connection may be silent before it is opened anew. The server sends a heartbeat every 15 seconds,
    /// so this is longer; at most 1 hour. Default: 45 seconds.</summary>
    public TimeSpan HeartbeatTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>The most bytes of one answer, or of one watched entry, that are read; at least 1,024. Default: 16 MiB.</summary>
    public int MaxResponseSize { get; set; } = 16 * 1024 * 1024;
}
