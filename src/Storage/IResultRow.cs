namespace OrleansSagas.Storage;

/// <summary>
/// One row of what a statement found, by the numbers of its columns from 0. Each store has a struct of its own for it, so that what is
/// shared and generic over it is compiled for each store alone, without virtual calls.
/// </summary>
internal interface IResultRow
{
    bool IsNull(int column);

    /// <summary>An integer, however wide its column is.</summary>
    long Int64(int column);

    /// <summary>A text as it was before the store wrote it.</summary>
    string Text(int column);

    byte[] Bytes(int column);

    /// <summary>The tags that <see cref="TagText"/> made one text of; none where the column is null.</summary>
    IReadOnlyList<KeyValuePair<string, string>> Tags(int column);
}
