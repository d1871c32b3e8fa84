using System.Diagnostics;
using System.Net;
using OrleansSagas.TestKit.Silos.Auditing;
using OrleansSagas.TestKit.Silos.Loading;
using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.Soak;

/// <summary>Does one trouble after the other to the silo, and sees to it that it lives again after each.</summary>
internal sealed class Troubles(SiloPlace place, ISagaClient sagas, Load load, SmallDisk? disk, Dice dice, Figures figures, Wrongs wrongs)
    : IAsyncDisposable
{
    private const int MostStarts = 3;

    private static readonly TimeSpan ToStop = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ToFeel = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http = place.Http();
    private readonly List<(List<TimeSpan?> Times, long Began, Task<long> Next)> _measuring = [];
    private Life? _life;

    public async Task RunAsync(TimeSpan length)
    {
        var clock = Stopwatch.StartNew();
        await BeginAsync();
        while (clock.Elapsed < length)
        {
            await CalmAsync(dice.Calm());
            Settle();
            await DoAsync(dice.Next(canFill: disk is not null));
        }
        await _life!.Recovered;
        figures.Recoveries.Add(_life.Recovery);
        Settle();
    }

    /// <summary>SIGTERM: it stops in good order.</summary>
    public async Task EndAsync()
    {
        var code = await _life!.Silo.TerminateAsync(ToStop);
        wrongs.Unless(code == 0, $"The silo was to stop with code 0, and stopped with {code}. {place.LogTail()}");
    }

    public ValueTask DisposeAsync() => _life?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task DoAsync(Trouble trouble)
    {
        figures.Count(trouble);
        switch (trouble)
        {
            case Trouble.Kill:
                await KillAsync();
                break;
            case Trouble.KillWhileStarting:
                await KillAsync();
                _life = Life.Begin(place, sagas, load);
                await Task.Delay(dice.IntoStart());
                await KillAsync();
                break;
            case Trouble.Freeze:
                await FreezeAsync();
                _life!.Silo.Continue();
                Measure(figures.Thaws);
                return;
            case Trouble.FreezeAndKill:
                await FreezeAsync();
                await KillAsync();
                break;
            case Trouble.FullDisk:
                await FillAsync();
                disk!.MakeRoom();
                Measure(figures.Rooms);
                return;
            case Trouble.FullDiskAndKill:
                await FillAsync();
                await KillAsync();
                disk!.MakeRoom();
                break;
            case Trouble.FullDiskAtStart:
                await FillAsync();
                await KillAsync();
                await TryOnFullDiskAsync();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(trouble), trouble, null);
        }
        if (_life is null)
            await BeginAsync();
    }

    private async Task BeginAsync()
    {
        for (var starts = 1; ; starts++)
        {
            _life = Life.Begin(place, sagas, load);
            try
            {
                await _life.Ready;
                return;
            }
            catch (InvalidOperationException exited) when (starts < MostStarts)
            {
                wrongs.Add($"The silo was to start: {exited.Message}");
                await _life.DisposeAsync();
            }
        }
    }

    private async Task KillAsync()
    {
        await _life!.KillAsync();
        figures.Recoveries.Add(_life.Recovery);
        await _life.DisposeAsync();
        _life = null;
    }

    private async Task FreezeAsync()
    {
        _life!.Silo.Freeze();
        await Task.Delay(figures.Frozen(dice.Frozen()));
    }

    /// <summary>
    /// A log that is written over again needs no room for a while: the time counts from when the silo says that it cannot write.
    /// </summary>
    private async Task FillAsync()
    {
        disk!.Fill(dice.Left());
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < ToFeel && await IsReadyAsync())
            await CalmAsync(Glance);
        if (clock.Elapsed >= ToFeel)
            figures.Unfelt++;
        await CalmAsync(figures.Full(dice.Full()));
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri("health/ready", UriKind.Relative));
            return answer.StatusCode != HttpStatusCode.ServiceUnavailable;
        }
        catch (Exception slow) when (slow is HttpRequestException or OperationCanceledException)
        {
            return true;
        }
    }

    /// <summary>It may refuse to start, in words; or wait until there is room.</summary>
    private async Task TryOnFullDiskAsync()
    {
        _life = Life.Begin(place, sagas, load);
        await Task.WhenAny(_life.Silo.Exited, Task.Delay(figures.Full(dice.Full())));
        disk!.MakeRoom();
        try
        {
            await _life.Ready;
        }
        catch (InvalidOperationException)
        {
            figures.RefusedStarts++;
            var code = await _life.Silo.ExitAsync(ToStop);
            wrongs.Unless(
                code == 1,
                $"The silo was to refuse to start on a full disk with code 1; it ended with {code}. {place.LogTail()}"
            );
            await _life.DisposeAsync();
            _life = null;
        }
    }

    /// <summary>Lets it work; it must not end by itself.</summary>
    private async Task CalmAsync(TimeSpan pause)
    {
        var over = Task.Delay(pause);
        while (await Task.WhenAny(over, _life!.Silo.Exited) != over)
        {
            wrongs.Add(
                $"The silo ended by itself, {(disk is { IsFull: true } ? "while its disk was full" : "without a reason")}, with code "
                    + $"{await _life.Silo.ExitAsync(ToStop)}. {place.LogTail()}"
            );
            await _life.DisposeAsync();
            if (disk is { IsFull: true })
                disk.MakeRoom();
            await BeginAsync();
        }
    }

    private void Measure(List<TimeSpan?> times) => _measuring.Add((times, Stopwatch.GetTimestamp(), load.NextAcknowledgement()));

    /// <summary>Before the next trouble: what has not happened by now is not measured.</summary>
    private void Settle()
    {
        foreach (var (times, began, next) in _measuring)
            times.Add(next.IsCompleted ? Stopwatch.GetElapsedTime(began, next.Result) : null);
        _measuring.Clear();
    }
}
