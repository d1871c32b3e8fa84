using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace OrleansSagas.EndToEnd.Tests.Hostile.Corpus;

/// <summary>One thing that is done to a body: at which place, counted in thousandths of its length.</summary>
internal sealed record Change(ChangeKind Kind, int Place, int Number)
{
    private static readonly byte[][] Tokens =
    [
        .. (
            (string[])
                [
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "\"",
                    "\\",
                    "\\u0000",
                    "\\ud800",
                    "\\udc00",
                    "1e999",
                    "-1e999",
                    "-0",
                    "1e-400",
                    "79228162514264337593543950335",
                    "99999999999999999999999999999999",
                    "0.1234567890123456789012345678901234567890",
                    "NaN",
                    "Infinity",
                    "null",
                    "true",
                    "//x\n",
                    "/**/",
                    "\r\n",
                    " ",
                    "\t",
                    "\"customer\":\"bob\",",
                    "\"item\":\"lamp\",",
                    "\"a\":{\"a\":{\"a\":",
                    "\"id\":\"$ref\",",
                ]
        ).Select(Encoding.ASCII.GetBytes),
        [0],
        [0x7f],
        [0x80],
        [0xff],
        [0xfe, 0xff],
        [0xc0, 0x80],
        [0xc0, 0xaf],
        [0xed, 0xa0, 0x80],
        [0xed, 0xb0, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
        [0xef, 0xbb, 0xbf],
        [0xe2, 0x80, 0xa8],
        [0xef, 0xbf, 0xbf],
    ];

    public static Gen<Change> Any { get; } =
        from kind in Gen.Elements(Enum.GetValues<ChangeKind>())
        from place in Gen.Choose(0, 999)
        from number in Gen.Choose(0, 1 << 16)
        select new Change(kind, place, number);

    public byte[] Apply(byte[] bytes)
    {
        var at = bytes.Length * Place / 1000;
        var until = Math.Min(bytes.Length, at + (Number % 40));
        return bytes.Length == 0
            ? Tokens[Number % Tokens.Length]
            : Kind switch
            {
                ChangeKind.Truncate => bytes[..at],
                ChangeKind.FlipBit => [.. bytes[..at], (byte)(bytes[at] ^ (1 << (Number % 8))), .. bytes[(at + 1)..]],
                ChangeKind.Insert => [.. bytes[..at], .. Tokens[Number % Tokens.Length], .. bytes[at..]],
                ChangeKind.Replace => [.. bytes[..at], .. Tokens[Number % Tokens.Length], .. bytes[(at + 1)..]],
                ChangeKind.Remove => [.. bytes[..at], .. bytes[until..]],
                ChangeKind.Repeat => [.. bytes[..until], .. bytes[at..until], .. bytes[until..]],
                ChangeKind.ReplaceInText => InText(bytes),
                _ => throw new InvalidOperationException($"{Kind} is not known."),
            };
    }

    /// <summary>Something odd as the first characters of a text: there it is least likely to spoil the JSON around it.</summary>
    private byte[] InText(byte[] bytes)
    {
        var quotes = Enumerable.Range(0, bytes.Length).Where(index => bytes[index] == '"').ToList();
        if (quotes.Count == 0)
            return bytes;
        var at = quotes[Place % quotes.Count] + 1;
        return [.. bytes[..at], .. Tokens[Number % Tokens.Length], .. bytes[at..]];
    }
}
