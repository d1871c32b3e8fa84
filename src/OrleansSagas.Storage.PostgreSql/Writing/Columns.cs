using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>Parameters of a statement, in the order in which they are asked for.</summary>
/// <param name="parameters">The statement's.</param>
/// <param name="areArrays">Whether each holds a value for each row that is written, and not a single one.</param>
internal sealed class Columns(NpgsqlParameterCollection parameters, bool areArrays)
{
    private readonly List<Column> _all = [];

    /// <summary>The next one.</summary>
    internal Column<T> Next<T>(NpgsqlDbType type)
    {
        var place = Places(parameters.Count + 1, 1);
        Column<T> next = areArrays
            ? new ArrayColumn<T>(parameters, type) { Place = place }
            : new ValueColumn<T>(parameters, type) { Place = place };
        _all.Add(next);
        return next;
    }

    internal void Seal()
    {
        foreach (var column in _all)
            column.Seal();
    }

    internal void Clear()
    {
        foreach (var column in _all)
            column.Clear();
    }

    /// <summary>So many parameters from <paramref name="first"/> on, as they stand in the statement's text.</summary>
    internal static string Places(int first, int count) =>
        string.Join(", ", Enumerable.Range(first, count).Select(i => "$" + i.ToString(CultureInfo.InvariantCulture)));
}
