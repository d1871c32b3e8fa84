using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Payloads;

namespace OrleansSagas.Testing;

/// <summary>
/// Sagas in the test process, on virtual time: the real engine over a store in memory, with your services, and with faults where you ask
/// for them.
/// </summary>
/// <remarks>
/// The clock stands still until a call waits for something: then it moves from one thing that is due to the next. When a call comes back,
/// all that can happen at that time has happened.
/// </remarks>
public sealed class SagaTestHost : IAsyncDisposable
{
    private readonly SagaTestOptions _options;
    private readonly TestIds _ids = new();
    private readonly MemoryTables _disk = new();
    private readonly MemoryStoreHooks _hooks;
    private readonly SagaCatalog _catalog;
    private readonly StoreInspector _reader;
    private readonly TestScheduler _pump;
    private readonly List<TestProcess> _lives = [];
    private volatile bool _isDisposed;

    private SagaTestHost(SagaTestOptions options)
    {
        _options = options;
        _catalog = new SagaCatalog(options.Sagas.Definitions);
        _reader = new StoreInspector(_disk, _catalog, options.Time);
        _pump = new TestScheduler(options.Time, options.Grace) { NextLife = NextLife };
        Faults = new SagaFaults(_catalog, options.Time);
        _hooks = new MemoryStoreHooks
        {
            Outage = Faults.Store.Outage,
            FaultOf = _ => Faults.Store.NextFault(),
            DiesBefore = commits => Faults.Crashes.IsBefore(commits) && Die(),
            DiesAfter = commits => Faults.Crashes.IsAfter(commits) && Die(),
            Written = _pump.Written,
        };
        Client = new SagaClient(new TestCalls(this));
    }

    /// <summary>
    /// Starts, finds and steers sagas, as from another service. Its waits let the clock move. A call that the host cannot take, because it
    /// crashes or its store is away, is repeated with the same request id for 30 seconds of virtual time.
    /// </summary>
    public ISagaClient Client { get; }

    /// <summary>What is to go wrong.</summary>
    public SagaFaults Faults { get; }

    /// <summary>The clock.</summary>
    public VirtualTime Time => _options.Time;

    /// <summary>The services of the process as it runs now, or ran last; a start after a crash makes new ones.</summary>
    public IServiceProvider Services => _lives[^1].Services;

    internal SagaTestOptions Options => _options;

    internal SagaCatalog Catalog => _catalog;

    internal TestIds Ids => _ids;

    /// <summary>Starts a host.</summary>
    /// <exception cref="InvalidOperationException">A setting cannot work; the message names it.</exception>
    /// <exception cref="SagaDefinitionException">One version of a type is added twice.</exception>
    public static async Task<SagaTestHost> StartAsync(Action<SagaTestOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new SagaTestOptions();
        configure(options);
        options.Check();
        var host = new SagaTestHost(options);
        if (!options.Time.TryTake())
            throw new InvalidOperationException(
                $"{nameof(SagaTestOptions)}.{nameof(SagaTestOptions.Time)} is the clock of another host that runs: give each host its own."
            );
        try
        {
            host._pump.Life = host.NextLife();
            host._pump.Start();
            await host.StartedAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a saga and waits for its end, while the clock moves.</summary>
    /// <typeparam name="T">The type of the saga's data.</typeparam>
    /// <param name="type">The saga type, such as <c>order</c>.</param>
    /// <param name="data">The saga's data.</param>
    /// <param name="within">How long its end is waited for, in virtual time. Default: <see cref="SagaTestOptions.Within"/>.</param>
    /// <returns>The saga as it ended: look at <see cref="SagaView.Status"/>, for a saga may also end without success.</returns>
    /// <exception cref="SagaWaitTimeoutException">The saga had not ended in time; the message says where it stands.</exception>
    /// <exception cref="SagaClientException">It was not started.</exception>
    public Task<SagaView> RunAsync<T>(string type, T data, TimeSpan? within = null) =>
        Client.StartAndWaitAsync(type, data, timeout: within);

    /// <summary>Lets the clock move until a saga is as it should be.</summary>
    /// <param name="saga">The saga.</param>
    /// <param name="condition">What is waited for; it is looked at after every commit of the saga.</param>
    /// <param name="within">How long it is waited for, in virtual time. Default: <see cref="SagaTestOptions.Within"/>.</param>
    /// <param name="what">The condition in words, for the message. Default: its source text.</param>
    /// <returns>The saga as it was when the condition held.</returns>
    /// <exception cref="SagaWaitTimeoutException">The condition did not hold in time; the message says where the saga stands.</exception>
    /// <exception cref="SagaNotFoundException">There is no such saga.</exception>
    public Task<SagaView> WaitForAsync(
        SagaId saga,
        Func<SagaView, bool> condition,
        TimeSpan? within = null,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    )
    {
        ArgumentNullException.ThrowIfNull(condition);
        var key = new SagaKey(saga);
        if (_reader.View(key) is null)
            throw new SagaNotFoundException($"There is no saga '{saga}'.") { SagaId = saga };
        return WaitAsync(key, () => _reader.View(key) is { } view && condition(view) ? view : null, within, what, CancellationToken.None);
    }

    /// <summary>Lets the clock move on by <paramref name="by"/>: everything that is due on the way happens, in order.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="by"/> is negative.</exception>
    public async Task AdvanceAsync(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        _ = await WaitAsync(new TestWait { Until = Time.GetTimestamp() + by.Ticks }, $"{by} to pass", null, CancellationToken.None);
    }

    /// <summary>Reads a saga's data as its definition does.</summary>
    /// <exception cref="ArgumentException">The saga's data is of another type.</exception>
    public T DataOf<T>(SagaView saga)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(saga);
        var definition =
            _catalog.Find(saga.Type, saga.Version)
            ?? throw new ArgumentException(
                $"Version {saga.Version} of the saga type '{saga.Type}' is not defined in this host.",
                nameof(saga)
            );
        if (!typeof(T).IsAssignableFrom(definition.DataType))
            throw new ArgumentException(
                $"The data of a saga of type '{saga.Type}' is of the type {definition.DataType.Name}, not {typeof(T).Name}.",
                nameof(saga)
            );
        return (T)definition.Read(saga.Data!.Value.Utf8Json.Span);
    }

    /// <summary>
    /// Says where a saga stands, for a test's own messages: its status, its steps with attempts and errors, its last history entries.
    /// </summary>
    public string Describe(SagaId saga) => _reader.Describe(new SagaKey(saga));

    /// <summary>
    /// Kills the process as it is. What was committed stays; the clock goes on where it is told to; nothing runs until
    /// <see cref="RestartAsync"/>.
    /// </summary>
    public async Task CrashAsync()
    {
        Up().End(isToBeFollowed: false);
        await SettleAsync();
    }

    /// <summary>Stops the process gracefully, which may take virtual time: running steps may finish.</summary>
    public async Task StopAsync()
    {
        var life = Up();
        var stopping = life.Runtime.Start(life.StopAsync);
        _ = await WaitAsync(
            new TestWait
            {
                Until = Time.GetTimestamp() + _options.Within.Ticks,
                Condition = () => (stopping.IsCompleted || life.Over.IsCompleted, null),
                InVain = why => new SagaTestException($"The host did not stop within {_options.Within}. {why}".TrimEnd()),
            },
            "the host to stop",
            null,
            CancellationToken.None
        );
        if (stopping.IsFaulted)
            await stopping;
    }

    /// <summary>Starts the process again after a crash or a stop; one that runs is stopped first.</summary>
    public async Task RestartAsync()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_pump.Life is { Starting.IsFaulted: false })
            await StopAsync();
        _pump.Life = NextLife();
        _pump.Changed();
        await StartedAsync();
    }

    /// <summary>
    /// Ends the host at once. Sagas that run are left as they are; calls that wait fail with <see cref="ObjectDisposedException"/>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _pump.Life?.End(isToBeFollowed: false);
        await _pump.DisposeAsync();
        foreach (var life in _lives)
            await life.DisposeAsync();
        Time.GiveBack();
    }

    /// <summary>Waits until a saga is on the disk as <paramref name="look"/> wants it.</summary>
    internal async Task<SagaView> WaitAsync(
        SagaKey saga,
        Func<SagaView?> look,
        TimeSpan? within,
        string what,
        CancellationToken cancellation
    )
    {
        var longest = within ?? _options.Within;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(longest, TimeSpan.Zero, nameof(within));
        var wait = new TestWait
        {
            Saga = saga,
            Until = Time.GetTimestamp() + longest.Ticks,
            Condition = () => look() is { } view ? (true, view) : (false, null),
            InVain = why => new SagaWaitTimeoutException(Report($"Waited {longest} of virtual time for: {what}", why, saga))
            {
                SagaId = saga.Id,
                LastView = _reader.View(saga),
            },
        };
        return (await WaitAsync(wait, what, saga, cancellation))!;
    }

    internal Task<SagaView> WaitForEndAsync(SagaKey saga, TimeSpan? within, CancellationToken cancellation) =>
        WaitAsync(saga, () => _reader.Ended(saga), within, $"the end of saga '{saga.Id}'", cancellation);

    internal long RevisionOf(SagaKey saga) => _reader.Revision(saga);

    internal SagaView? ViewOf(SagaKey saga) => _reader.View(saga);

    private static bool IsInStep => VirtualTime.TimerOwner.Value is StepAttempt;

    private TestProcess NextLife()
    {
        var life = new TestProcess(_options, _ids, Faults, _disk, _hooks, Client, _pump.Changed);
        _lives.Add(life);
        _reader.Codec = life.Services.GetRequiredService<IPayloadCodec>();
        life.Start();
        return life;
    }

    /// <summary>The process dies by a fault, and is started again at once.</summary>
    private bool Die()
    {
        _pump.Life!.End(isToBeFollowed: true);
        return true;
    }

    internal TestProcess Up()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _pump.Life ?? throw new SagaUnavailableException("The host is down: it crashed or was stopped. Call RestartAsync first.");
    }

    private async Task StartedAsync()
    {
        await DeadlineAsync(Up().Starting, "the host to start", null, CancellationToken.None);
        await SettleAsync();
    }

    /// <summary>Lets everything happen that can happen at this time. Not for a step, which is part of that itself.</summary>
    internal async Task SettleAsync()
    {
        if (!IsInStep)
            await AdvanceAsync(TimeSpan.Zero);
    }

    private async Task<SagaView?> WaitAsync(TestWait wait, string what, SagaKey? saga, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using var cancelled = cancellation.Register(() => wait.Cancel(cancellation));

        // A step that waits, say for a saga that it started, is not at work meanwhile.
        var step = VirtualTime.TimerOwner.Value;
        step?.TimerSet();
        try
        {
            _pump.Add(wait);
            await DeadlineAsync(wait.Task, what, saga, CancellationToken.None);
            return await wait.Task;
        }
        catch
        {
            wait.Cancel(new CancellationToken(canceled: true));
            throw;
        }
        finally
        {
            step?.TimerGone();
        }
    }

    /// <summary>Waits in real time. A step that waits leaves that to whoever waits for the step.</summary>
    internal async Task DeadlineAsync(Task task, string what, SagaKey? saga, CancellationToken cancellation)
    {
        if (IsInStep)
        {
            await task;
            return;
        }

        try
        {
            await task.WaitAsync(_options.Deadline, cancellation);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new SagaWaitTimeoutException(Report($"Waited {_options.Deadline} of real time for: {what}", "", saga))
            {
                SagaId = saga?.Id,
                LastView = saga is { } key ? _reader.View(key) : null,
            };
        }
    }

    private string Report(string waited, string why, SagaKey? saga)
    {
        var text = new StringBuilder(waited).AppendLine(".");
        if (why.Length > 0)
            text.AppendLine(why);
        text.AppendLine(CultureInfo.InvariantCulture, $"It is {Time.GetUtcNow():yyyy-MM-dd HH:mm:ss.fff} on the host's clock.");
        if (saga is { } key)
            text.AppendLine(_reader.Describe(key));
        if (_pump.Life?.InFlight() is { Length: > 0 } inFlight)
            text.AppendLine(CultureInfo.InvariantCulture, $"In flight: {string.Join("; ", inFlight)}.");
        return text.ToString().TrimEnd();
    }
}
