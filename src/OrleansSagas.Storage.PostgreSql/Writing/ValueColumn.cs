using Npgsql;
using NpgsqlTypes;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>A single value.</summary>
internal sealed class ValueColumn<T> : Column<T>
{
    private readonly NpgsqlParameter<T> _parameter;

    internal ValueColumn(NpgsqlParameterCollection parameters, NpgsqlDbType type)
    {
        _parameter = new NpgsqlParameter<T> { NpgsqlDbType = type };
        parameters.Add(_parameter);
    }

    internal override void Add(T value) => _parameter.TypedValue = value;

    internal override void Seal() { }

    internal override void Clear() => _parameter.TypedValue = default;
}
