namespace OrleansSagas.Bench.Silo;

/// <summary>What the silo can be told, each one line on its standard input and answered by one line of JSON.</summary>
internal static class SiloVerb
{
    /// <summary>Answers a <see cref="SiloReading"/>.</summary>
    public const string Read = "read";

    /// <summary>Answers a <see cref="Measuring.StoreContents"/>; it reads the whole file, so not while something is measured.</summary>
    public const string Store = "store";

    /// <summary>Of a peer: answers how many sagas are stored that ended as they must, over all that was ever started.</summary>
    public const string Ended = "ended";

    /// <summary><c>load CONCURRENCY SECONDS</c>: makes the load in process and answers a <see cref="Load.LoadResult"/>.</summary>
    public const string Load = "load";

    /// <summary>
    /// <c>fill CONCURRENCY COUNT</c>: starts so many sagas that wait, and answers a <see cref="Load.LoadResult"/> when all of them do.
    /// </summary>
    public const string Fill = "fill";

    /// <summary>Answers a <see cref="Measuring.WakeUpScan"/>.</summary>
    public const string Scan = "scan";

    /// <summary><c>purge MILLISECONDS</c>: removes some of the sagas that ended longer ago, and answers how many.</summary>
    public const string Purge = "purge";
}
