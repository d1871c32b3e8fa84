using System.Globalization;
using OrleansSagas.Testing;

namespace OrleansSagas.Simulation.Tests.Worlds;

/// <summary>
/// Everything there is in a run: one clock, the processes that live on it, and what is outside of them. One thread turns it; the seed says
/// in which order.
/// </summary>
internal sealed class World
{
    private const int MaxTurns = 1_000_000;

    private readonly Chance _order;
    private readonly TurnScheduler _outside;
    private readonly List<Process> _processes = [];
    private readonly List<string>? _trace;
    private Violation? _violation;
    private ulong _fingerprint = 14695981039346656037UL;
    private long _turns;
    private int _messages;

    public World(ulong seed, bool traces)
    {
        Chance = new Chance(seed);
        _order = Chance.Fork();
        _trace = traces ? [] : null;
        _outside = NewTurns();
    }

    public Chance Chance { get; }

    public VirtualTime Time { get; } = new();

    public bool Traces => _trace is not null;

    public IReadOnlyList<string> Trace => _trace ?? [];

    /// <summary>A number that depends on every choice made so far: two runs of one seed end with the same.</summary>
    public ulong Fingerprint => _fingerprint;

    public long Turns => _turns;

    /// <summary>The processes that are alive.</summary>
    public IReadOnlyList<Process> Processes => _processes;

    /// <summary>Whether messages are still on their way.</summary>
    public bool IsBusy => _messages > 0;

    /// <summary>The turns of a new process, or of what is outside; in an order that chance decides.</summary>
    public TurnScheduler NewTurns() => new(_order.Below, () => _order.Happens(0.5));

    /// <summary>The process whose turn it is; null outside of all.</summary>
    public Process? Current
    {
        get
        {
            foreach (var process in _processes)
                if (process.Turns == TaskScheduler.Current)
                    return process;
            return null;
        }
    }

    public void Add(Process process) => _processes.Add(process);

    public void Remove(Process process) => _processes.Remove(process);

    /// <summary>Runs something outside of all processes.</summary>
    public void Outside(Func<Task> work) =>
        _ = Task
            .Factory.StartNew(
                async () =>
                {
                    try
                    {
                        await work();
                    }
                    catch (Exception exception)
                    {
                        Fail(exception as Violation ?? new Violation($"The simulation itself failed: {exception}"));
                    }
                },
                CancellationToken.None,
                TaskCreationOptions.DenyChildAttach,
                _outside
            )
            .Unwrap();

    /// <summary>Waits outside of all processes.</summary>
    public Task DelayAsync(TimeSpan delay) => delay <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(delay, Time);

    /// <summary>Sends a message, which arrives after <paramref name="delay"/> whatever happens to its sender.</summary>
    public void Send(TimeSpan delay, Action arrive)
    {
        _messages++;
        Outside(async () =>
        {
            await DelayAsync(delay);
            _messages--;
            arrive();
        });
    }

    public void Say(string who, string what) =>
        _trace?.Add(string.Create(CultureInfo.InvariantCulture, $"{(Time.GetUtcNow() - Start).TotalSeconds, 10:F4} {who, -9} {what}"));

    /// <summary>Mixes a choice or a result into the fingerprint.</summary>
    public void Note(long value) => _fingerprint = (_fingerprint ^ (ulong)value) * 1099511628211UL;

    public void Fail(Violation violation)
    {
        if (_violation is null)
            Say("VIOLATION", violation.Message);
        _violation ??= violation;
    }

    public void Fail(string message) => Fail(new Violation(message));

    /// <summary>Turns the world until <paramref name="isOver"/>, checked whenever nothing can run before the clock moves on.</summary>
    /// <param name="isOver">Whether it is over.</param>
    /// <param name="longest">How much time may pass.</param>
    /// <param name="whatFor">What it is that must come in that time; null where it need not.</param>
    /// <exception cref="Violation">A promise was broken.</exception>
    public void TurnUntil(Func<bool> isOver, TimeSpan longest, Func<string>? whatFor = null)
    {
        var until = Time.GetTimestamp() + longest.Ticks;
        while (true)
        {
            while (TurnOnce())
                ThrowIfBroken();
            ThrowIfBroken();
            if (isOver())
                return;
            var left = TimeSpan.FromTicks(until - Time.GetTimestamp());
            if (left > TimeSpan.Zero && Time.MoveToNextTimer(left))
                continue;
            if (left > TimeSpan.Zero)
                continue;
            if (whatFor is null)
                return;
            Fail($"Waited {longest} for this: {whatFor()}");
            ThrowIfBroken();
        }
    }

    private static readonly DateTimeOffset Start = new VirtualTime().GetUtcNow();

    private bool TurnOnce()
    {
        if (++_turns > MaxTurns)
        {
            Fail($"{MaxTurns:N0} turns, and no end: something runs in circles.");
            return false;
        }

        var ready = _outside.Ready;
        foreach (var process in _processes)
            ready += process.Turns.Ready;
        if (ready == 0)
            return false;

        // In proportion to what each has to do, as on a machine that they share.
        var pick = _order.Below(ready);
        Note(pick);
        var turns = _outside;
        pick -= _outside.Ready;
        for (var i = 0; pick >= 0; i++)
        {
            turns = _processes[i].Turns;
            pick -= turns.Ready;
        }

        _ = turns.RunOne();
        foreach (var process in _processes)
        {
            if (!process.MayDieNow())
                continue;
            process.Kill();
            break;
        }

        return true;
    }

    private void ThrowIfBroken()
    {
        if (_violation is not null)
            throw _violation;
    }
}
