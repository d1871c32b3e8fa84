using Npgsql;
using NpgsqlTypes;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>One array parameter of the batch's statement; used again for each batch.</summary>
internal abstract class Column
{
    /// <summary>Hands the values to the statement; a column without any is NULL.</summary>
    internal abstract void Seal();

    /// <summary>Forgets the values.</summary>
    internal abstract void Clear();
}

/// <inheritdoc />
internal sealed class Column<T> : Column
{
    private readonly List<T> _values = [];
    private readonly NpgsqlParameter _parameter;
    private bool _hasValue;

    internal Column(NpgsqlParameterCollection parameters, NpgsqlDbType type)
    {
        _parameter = new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | type, Value = DBNull.Value };
        parameters.Add(_parameter);
    }

    internal void Add(T value)
    {
        _hasValue |= value is not null;
        _values.Add(value);
    }

    internal override void Seal() => _parameter.Value = _hasValue ? _values : DBNull.Value;

    internal override void Clear()
    {
        _values.Clear();
        _hasValue = false;
    }
}
