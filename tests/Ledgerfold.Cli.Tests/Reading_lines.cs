using System.Text;
using Ledgerfold.Cli.Appending;

namespace Ledgerfold.Cli.Tests;

public sealed class Reading_lines
{
    private const string TooLong = "(too long)";

    [Theory]
    [InlineData("")]
    [InlineData("\n\n \t\r\n")]
    [InlineData("a\nb", "a", "b")]
    [InlineData("a\nb\n", "a", "b")]
    [InlineData("\n\na\n\n", "a")]
    [InlineData("\uFEFFa\nb\n", "a", "b")]
    [InlineData("12345678\n123456789\n1\n", "12345678", TooLong, "1")]
    [InlineData("12345678901234567890123456789012345678901234567890\n1", TooLong, "1")]
    [InlineData("a\n123456789", "a", TooLong)]
    public async Task Passes_over_blank_ones_and_bounds_the_others_however_they_arrive(string text, params string[] lines)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var piece = 1; piece <= bytes.Length + 1; piece++)
            Assert.Equal(lines, await Read(new LineReader(new InPieces(bytes, piece), lineBytesMax: 8)));
    }

    [Fact]
    public async Task Takes_lines_longer_than_its_first_buffer()
    {
        var lines = Enumerable.Range(0, 5).Select(n => new string((char)('a' + n), 100_000 * n + 1)).ToArray();

        Assert.Equal(lines, await Read(new LineReader(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines))), 1_000_000)));
    }

    private static async Task<List<string>> Read(LineReader reader)
    {
        var lines = new List<string>();
        while (await reader.Read(TestContext.Current.CancellationToken) is { } line)
            lines.Add(line.IsTooLong ? TooLong : Encoding.UTF8.GetString(line.Bytes.Span));
        return lines;
    }

    private sealed class InPieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer.Length > piece ? buffer[..piece] : buffer, cancellationToken);
    }
}
