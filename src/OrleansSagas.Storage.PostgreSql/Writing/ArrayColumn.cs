using Npgsql;
using NpgsqlTypes;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>An array: one value for each row that is written. A column without any is NULL.</summary>
internal sealed class ArrayColumn<T> : Column<T>
{
    private readonly List<T> _values = [];
    private readonly NpgsqlParameter _parameter;
    private bool _hasValue;

    internal ArrayColumn(NpgsqlParameterCollection parameters, NpgsqlDbType type)
    {
        _parameter = new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | type, Value = DBNull.Value };
        parameters.Add(_parameter);
    }

    internal override void Add(T value)
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
