using OrleansSagas.Storage;

namespace OrleansSagas.Storage.Sqlite;

/// <summary>The file beside the database that says whose it is. The system takes it back when the process dies.</summary>
internal static class StoreLock
{
    /// <exception cref="StoreException">Another has it, or it cannot be made.</exception>
    internal static FileStream Take(string path)
    {
        var file = path + ".lock";
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } directory)
                Directory.CreateDirectory(directory);
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(file))
        {
            throw new StoreException(
                $"The saga store '{path}' is held by another engine, which has locked '{file}'. Stop that one first, or name another "
                    + "file in Path. To run several, use the PostgreSQL store.",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"The lock file '{file}' of the saga store cannot be made. Give this process write access to its directory, or name "
                    + "another file in Path.",
                e
            );
        }
    }
}
