using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansSagas.EndToEnd.Tests.Hostile.Talking;
using OrleansSagas.TestKit.Silos.Auditing;
using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.EndToEnd.Tests.Hostile;

/// <summary>The real silo in a process of its own, and the account of what it has acknowledged.</summary>
public sealed class HostileSilo : IAsyncLifetime
{
    /// <summary>Of managed memory: what is more than this is an answer that fails, or the end of the silo.</summary>
    private const long MostHeap = 400L << 20;

    /// <summary>Of all memory; idle, it takes some 120 MB.</summary>
    private const long MostMemory = 700L << 20;

    private static readonly TimeSpan ToEnd = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    private readonly SiloPlace _place;
    private readonly ConcurrentDictionary<SagaId, string> _acknowledged = new();
    private readonly HashSet<SagaId> _accounted = [];
    private readonly HashSet<SagaId> _readWhole = [];
    private DateTimeOffset? _audited;
    private int _completed;
    private int _hungUp;
    private SiloProcess? _silo;
    private long _logRead;
    private HttpClient _http = new();
    private ISagaClient? _sagas;

    public HostileSilo()
        : this([]) { }

    internal HostileSilo(params string[] arguments) => _place = new SiloPlace { Arguments = arguments, MostHeap = MostHeap };

    public Uri Address => _place.Address;

    /// <summary>What the silo's process holds in memory, in bytes.</summary>
    public long Memory =>
        long.Parse(
            File.ReadLines($"/proc/{_silo!.Id}/status")
                .Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        ) * 1024;

    /// <summary>How long the silo's process has computed.</summary>
    public TimeSpan Computed => Process.GetProcessById(_silo!.Id).TotalProcessorTime;

    /// <summary>How many connections are open, with the one that it listens on.</summary>
    public int Sockets =>
        Directory
            .GetFiles($"/proc/{_silo!.Id}/fd")
            .Count(file => new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    public static byte[] Order(string? more = null)
    {
        var rest = more is null ? "" : "," + more;
        return System.Text.Encoding.UTF8.GetBytes(
            $$"""{"customer":"ada","card":"4000 0000 0000 0001","item":"teapot","quantity":1,"total":10.00{{rest}}}"""
        );
    }

    /// <summary>An order whose last step takes a minute, so that it runs while a test looks at it.</summary>
    public static byte[] SlowOrder(string more = "") => Order("\"behaviour\":{\"create-shipment\":{\"slowSeconds\":60}}" + more);

    public async ValueTask InitializeAsync()
    {
        _silo = await SiloProcess.StartReadyAsync(_place);
        (_http, _sagas) = (_place.Http(), _place.Client());
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
            await _silo.DisposeAsync();
        _place.Dispose();
    }

    internal Task<RawConnection> ConnectAsync(int? receiveBuffer = null) => RawConnection.OpenAsync(Address, receiveBuffer);

    /// <summary>
    /// Sends one request on a connection of its own and holds the answer to be decent; null when the connection was closed without one.
    /// </summary>
    internal async Task<RawAnswer?> AskAsync(ReadOnlyMemory<byte> request, bool isHead = false)
    {
        using var connection = await ConnectAsync();
        await connection.TrySendAsync(request);
        return Checked(await connection.ReadAsync(isHead), request.Span);
    }

    /// <summary>Holds an answer to be decent, and notes the saga that it acknowledges.</summary>
    internal RawAnswer? Checked(RawAnswer? answer, ReadOnlySpan<byte> request)
    {
        if (answer is null)
            return null;
        // Nothing but a start that was accepted is a 200 or 202 with a location.
        if (answer.IsAccepted && answer.Headers.TryGetValue("location", out var location))
            _acknowledged.TryAdd(new SagaId(location[(location.LastIndexOf('/') + 1)..]), Shown(request));
        if (Decency.Problem(answer) is { } problem)
            Assert.Fail(
                $"An answer is not decent: {problem}.{Environment.NewLine}The request: {Shown(request)}{Environment.NewLine}The answer: "
                    + $"{answer}{Environment.NewLine}{_place.LogTail()}"
            );
        return answer;
    }

    /// <summary>Notes a caller who may hang up before the answer: what they asked for may be done all the same.</summary>
    internal void HangsUp() => Interlocked.Increment(ref _hungUp);

    /// <summary>
    /// What holds after whatever was sent: the silo serves, its memory is bounded, what it acknowledged ends, and there is nothing else.
    /// </summary>
    public async Task AuditAsync()
    {
        using var ready = await _http.GetAsync(new Uri("health/ready", UriKind.Relative));
        Assert.True(
            ready.IsSuccessStatusCode,
            $"The silo was to be ready; it answers {await ready.Content.ReadAsStringAsync()}. {_place.LogTail()}"
        );
        var log = NewLog();
        foreach (var sign in (string[])["fail:", "crit:", "Unhandled exception", "   at "])
            Assert.False(log.Contains(sign, StringComparison.Ordinal), $"The log was to have no '{sign}'. {log}");
        Assert.True(Memory < MostMemory, $"The silo was to stay below {MostMemory >> 20} MiB; it holds {Memory >> 20} MiB.");

        await AllEndAsync();
        // What was there at the audit before has ended, and was accounted for then.
        var since = _audited;
        _audited = DateTimeOffset.UtcNow;
        var listed = (await _sagas!.ListAsync(new() { StartedFrom = since, PageSize = 1000 }).ToListAsync())
            .Where(saga => !_accounted.Contains(saga.Id))
            .ToList();
        var unasked = listed
            .Where(saga => !_acknowledged.ContainsKey(saga.Id))
            .Select(saga => $"{saga.Id} {JsonSerializer.Serialize(saga.Tags)}")
            .ToList();
        Assert.True(
            unasked.Count <= _hungUp,
            $"{unasked.Count} sagas were started that nobody was told of, and {_hungUp} callers hung up: {string.Join(", ", unasked)}"
        );
        _hungUp = 0;
        foreach (var saga in listed)
            _acknowledged.TryAdd(saga.Id, "a request whose caller hung up");
        _accounted.UnionWith(listed.Select(saga => saga.Id));
        var lost = _acknowledged.Keys.Except(_accounted).ToList();
        Assert.True(
            lost.Count == 0,
            $"{lost.Count} sagas were acknowledged and are not there: {string.Join(", ", lost.Select(id => $"{id}: {_acknowledged[id]}"))}"
        );
        _completed += listed.Count(saga => saga.Status == SagaStatus.Completed);

        var books = (await _http.GetFromJsonAsync<BooksSummary>(new Uri("shop/books", UriKind.Relative)))!;
        Assert.True(
            books is { Conserved: true, Doubled: 0, Open: 0, HoldsOpen: 0 },
            $"The books were to be conserved, with nothing doubled or open; they are: {books}, {string.Join(" ", books.Problems)}"
        );
        Assert.Equal(_completed, books.Complete);
    }

    /// <summary>Whoever was acknowledged reads their saga as a client does: its view, its history, its events.</summary>
    public async Task ReadAllAsync()
    {
        await AllEndAsync();
        foreach (var (id, request) in _acknowledged.Where(one => _readWhole.Add(one.Key)))
        {
            try
            {
                var saga = _sagas!.Get(id);
                var view = await saga.GetAsync();
                var history = await saga.HistoryAsync().CountAsync();
                var seen = await saga.WatchAsync().CountAsync();
                Assert.True(
                    history == view.Revision && seen == history,
                    $"It has {view.Revision} entries; its history shows {history}, and its events {seen}."
                );
            }
            catch (Exception failure) when (failure is not Xunit.Sdk.XunitException)
            {
                Assert.Fail(
                    $"Saga {id} cannot be read: {failure.GetType().Name}: {failure.Message}{Environment.NewLine}It was started by: "
                        + $"{request}"
                );
            }
        }
    }

    /// <summary>Ends what runs on for the sake of a test, or was paused by it.</summary>
    public async Task CancelAllAsync()
    {
        foreach (var status in (SagaStatus[])[SagaStatus.Running, SagaStatus.Paused])
        {
            await foreach (var saga in _sagas!.ListAsync(new() { Status = status, PageSize = 1000 }))
            {
                await _sagas.Get(saga.Id).ActAsync(OperatorAction.Resume);
                await _sagas.Get(saga.Id).ActAsync(OperatorAction.Cancel);
            }
        }
    }

    /// <summary>Waits for a condition.</summary>
    public async Task EventuallyAsync(Func<Task<bool>> holdsAsync, TimeSpan patience, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!await holdsAsync())
        {
            Assert.True(
                clock.Elapsed < patience,
                $"Waited {patience} until {what}; {Sockets} connections are open, {Memory >> 20} MiB are held. {_place.LogTail()}"
            );
            await Task.Delay(Glance);
        }
    }

    /// <summary>What the silo said since it was asked last.</summary>
    private string NewLog()
    {
        using var log = new FileStream(_place.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Position = _logRead;
        using var reader = new StreamReader(log);
        var text = reader.ReadToEnd();
        _logRead = log.Position;
        return text;
    }

    private async Task AllEndAsync()
    {
        var clock = Stopwatch.StartNew();
        foreach (var status in Enum.GetValues<SagaStatus>().Where(status => !status.IsTerminal()))
        {
            while (await _sagas!.ListAsync(new() { Status = status }).FirstOrDefaultAsync() is { } open)
            {
                Assert.True(
                    clock.Elapsed < ToEnd,
                    $"Waited {ToEnd} for every saga to end; {open.Id} is {open.Status}. It was started by: "
                        + $"{_acknowledged.GetValueOrDefault(open.Id)}"
                );
                await Task.Delay(Glance);
            }
        }
    }

    private static string Shown(ReadOnlySpan<byte> request)
    {
        var text = System.Text.Encoding.Latin1.GetString(request.Length > 2_000 ? request[..2_000] : request);
        return string.Concat(
                text.Select(c =>
                    c is '\n' or (>= ' ' and <= '~') ? $"{c}"
                    : c == '\r' ? ""
                    : $"\\x{(int)c:x2}"
                )
            ) + (request.Length > 2_000 ? $"... ({request.Length} bytes)" : "");
    }
}
