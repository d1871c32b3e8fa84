using System.Runtime.InteropServices;

namespace OrleansSagas.Storage.Sqlite.Native;

/// <summary>A call into SQLite that failed. It says the code and its meaning, never a statement's values.</summary>
internal sealed class SqliteError : Exception
{
    internal SqliteError(int code)
        : base(Describe(code)) => Code = code;

    internal int Code { get; }

    /// <summary>
    /// Whether the cause lies below SQLite, so that the next commit would fail like this one; otherwise it is this statement's own.
    /// </summary>
    internal bool IsStoreFault =>
        (Code & 0xff)
            is Sqlite3.Full
                or Sqlite3.IoError
                or Sqlite3.ReadOnly
                or Sqlite3.CannotOpen
                or Sqlite3.Corrupt
                or Sqlite3.NotADatabase
                or Sqlite3.NoMemory
                or Sqlite3.Busy;

    internal static void ThrowIf(int code)
    {
        if (code != Sqlite3.Ok)
            throw new SqliteError(code);
    }

    private static unsafe string Describe(int code) => $"SQLite error {code}: {Marshal.PtrToStringUTF8((nint)Sqlite3.ErrorText(code))}.";
}
