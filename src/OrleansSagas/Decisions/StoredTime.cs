namespace OrleansSagas.Decisions;

/// <summary>Time as it is stored: UTC, to the millisecond.</summary>
internal static class StoredTime
{
    public static DateTimeOffset ToMilliseconds(this DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
