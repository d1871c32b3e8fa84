using Microsoft.Extensions.DependencyInjection;

namespace OrleansSagas.Testing;

/// <summary>What a <see cref="SagaTestHost"/> runs, and how patient it is.</summary>
public sealed class SagaTestOptions
{
    internal SagaTestOptions()
    {
        Services.AddSingleton<TimeProvider>(_ => Time);
        Sagas = new SagasBuilder(Services);

        // The engine looks for due sagas twice in this time: a day of waiting costs 48 looks instead of 17,280.
        Sagas.Configure(sagas => sagas.IdleAfter = TimeSpan.FromHours(1));
    }

    /// <summary>
    /// The definitions, and how the engine behaves. Its <see cref="SagaOptions.IdleAfter"/> is 1 hour here unless you change it.
    /// </summary>
    public SagasBuilder Sagas { get; }

    /// <summary>
    /// The services that the steps call, real or replaced. A <see cref="TimeProvider"/> is there: the host's clock. What must outlive a
    /// crash of the host, as a database or a fake does, is added as an instance; all else is made anew by each start.
    /// </summary>
    public IServiceCollection Services { get; } = new ServiceCollection();

    /// <summary>The clock. Default: one that starts with the year 2026.</summary>
    public VirtualTime Time { get; set; } = new();

    /// <summary>How long a wait lasts, in virtual time, where it does not say. Default: 1 day.</summary>
    public TimeSpan Within { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How long, in real time, the clock stands still for a step that is at work. Then it moves on, as it does for one that hangs. Default:
    /// 1 second.
    /// </summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long, in real time, one call of the host may take. Default: 30 seconds.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <exception cref="InvalidOperationException">A setting cannot work; the message names it.</exception>
    internal void Check()
    {
        Need(Sagas.Definitions.Count > 0, $"{nameof(Sagas)} has no definition: add one, as in test.Sagas.Add(OrderSaga.Definition)");
        Need(Time is not null, $"{nameof(Time)} is null");
        Need(
            Within > TimeSpan.Zero && Within <= TimeSpan.FromDays(36_500),
            $"{nameof(Within)} must be longer than zero and at most 100 years"
        );
        Need(Grace >= TimeSpan.Zero && Grace <= TimeSpan.FromHours(1), $"{nameof(Grace)} must be zero to 1 hour");
        Need(
            Deadline > TimeSpan.Zero && Deadline <= TimeSpan.FromHours(1),
            $"{nameof(Deadline)} must be longer than zero and at most 1 hour"
        );
    }

    private static void Need(bool holds, string what)
    {
        if (!holds)
            throw new InvalidOperationException($"{nameof(SagaTestOptions)}.{what}.");
    }
}
