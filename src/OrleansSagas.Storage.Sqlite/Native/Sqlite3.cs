using System.Runtime.InteropServices;

namespace OrleansSagas.Storage.Sqlite.Native;

/// <summary>
/// The C functions that the store needs, from the library that SQLitePCLRaw brings along. They are called directly, because a commit is
/// some eighty calls: through the package's provider interface and safe handles these cost more than the work inside them.
/// </summary>
internal static unsafe partial class Sqlite3
{
    internal const int Ok = 0;
    internal const int Busy = 5;
    internal const int ReadOnly = 8;
    internal const int Interrupt = 9;
    internal const int IoError = 10;
    internal const int Corrupt = 11;
    internal const int Full = 13;
    internal const int CannotOpen = 14;
    internal const int NotADatabase = 26;
    internal const int NoMemory = 7;
    internal const int Row = 100;
    internal const int Done = 101;

    internal const int OpenReadWrite = 0x2;
    internal const int OpenCreate = 0x4;
    internal const int OpenNoMutex = 0x8000;
    internal const int OpenExtendedCodes = 0x02000000;

    internal const uint PreparePersistent = 1;

    internal const int TypeNull = 5;

    internal const int CheckpointPassive = 0;
    internal const int CheckpointRestart = 2;
    internal const int CheckpointTruncate = 3;

    internal static readonly nint Static = 0;
    internal static readonly nint Transient = -1;

    private const string Library = "e_sqlite3";

    [LibraryImport(Library, EntryPoint = "sqlite3_open_v2")]
    internal static partial int Open(byte* path, nint* db, int flags, byte* vfs);

    /// <summary>
    /// Makes the plan of a statement that of its text alone. Otherwise SQLite compiles a statement anew whenever it is given other values,
    /// because they might change the plan, which is two thirds of the cost of a read.
    /// </summary>
    internal static bool TryKeepPlans(nint db)
    {
        const int KeepPlans = 1007; // SQLITE_DBCONFIG_ENABLE_QPSG
        var isOn = 0;
        // A C function of any number of arguments: on a Mac with ARM64 those past the named ones go by the stack.
        var isOnStack = OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        var code = isOnStack ? Configure(db, KeepPlans, 0, 0, 0, 0, 0, 0, 1, &isOn) : Configure(db, KeepPlans, 1, &isOn);
        return code == Ok && isOn == 1;
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_db_config")]
    private static partial int Configure(nint db, int option, int value, int* result);

    [LibraryImport(Library, EntryPoint = "sqlite3_db_config")]
    private static partial int Configure(
        nint db,
        int option,
        nint register3,
        nint register4,
        nint register5,
        nint register6,
        nint register7,
        nint register8,
        int value,
        int* result
    );

    [LibraryImport(Library, EntryPoint = "sqlite3_close_v2")]
    internal static partial int Close(nint db);

    [LibraryImport(Library, EntryPoint = "sqlite3_busy_handler")]
    internal static partial int BusyHandler(nint db, delegate* unmanaged<void*, int, int> handler, void* state);

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v3")]
    internal static partial int Prepare(nint db, byte* sql, int bytes, uint flags, nint* statement, byte** tail);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    internal static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    internal static partial int Reset(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_finalize")]
    internal static partial int Finish(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_wal_hook")]
    internal static partial void* WalHook(nint db, delegate* unmanaged<void*, nint, byte*, int, int> hook, void* state);

    [LibraryImport(Library, EntryPoint = "sqlite3_wal_checkpoint_v2")]
    internal static partial int Checkpoint(nint db, byte* name, int mode, int* log, int* done);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text")]
    internal static partial int BindTextCopy(nint statement, int index, byte* text, int bytes, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob")]
    internal static partial int BindBlobCopy(nint statement, int index, byte* blob, int bytes, nint destructor);

    // What follows takes some nanoseconds and never blocks: the collector can wait for it.
    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64"), SuppressGCTransition]
    internal static partial int BindInt64(nint statement, int index, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_null"), SuppressGCTransition]
    internal static partial int BindNull(nint statement, int index);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text"), SuppressGCTransition]
    internal static partial int BindText(nint statement, int index, byte* text, int bytes, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob"), SuppressGCTransition]
    internal static partial int BindBlob(nint statement, int index, byte* blob, int bytes, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_type"), SuppressGCTransition]
    internal static partial int ColumnType(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64"), SuppressGCTransition]
    internal static partial long ColumnInt64(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob")]
    internal static partial byte* ColumnBlob(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes")]
    internal static partial int ColumnBytes(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_changes"), SuppressGCTransition]
    internal static partial int Changes(nint db);

    [LibraryImport(Library, EntryPoint = "sqlite3_get_autocommit"), SuppressGCTransition]
    internal static partial int GetAutocommit(nint db);

    [LibraryImport(Library, EntryPoint = "sqlite3_errstr"), SuppressGCTransition]
    internal static partial byte* ErrorText(int code);
}
