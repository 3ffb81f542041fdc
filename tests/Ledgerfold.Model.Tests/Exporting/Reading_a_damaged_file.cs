using System.Text;
using Ledgerfold.Model.Exporting;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Exporting;

public sealed class Reading_a_damaged_file
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Is_refused_wherever_a_byte_was_changed(ulong seed)
    {
        var file = await (await RandomHistory.Of(seed, 4)).Export();
        var random = new SeededRandom(seed);
        for (var n = 0; n < 250; n++)
        {
            var changed = (byte[])file.Clone();
            var at = n < 60 ? n * 5 % file.Length : n < 120 ? file.Length - 1 - ((n - 60) * 4) : random.Below(file.Length);
            changed[at] ^= (byte)(1 << random.Below(8));
            await Refused(changed, $"a bit of byte {at} is flipped");
            changed[at] = random.Pick("\r\n \t{}\","u8.ToArray());
            if (changed[at] != file[at])
                await Refused(changed, $"byte {at} is {changed[at]}");
        }
    }

    [Fact]
    public async Task Is_refused_when_it_was_cut_off_anywhere()
    {
        var file = await (await RandomHistory.Of(4, 4)).Export();
        var random = new SeededRandom(4);
        await Refused(file[..^1], "the last line end is missing");
        for (var n = 0; n < 200; n++)
        {
            if (random.Below(file.Length) is > 0 and var length)
                await Refused(file[..length], $"{length} of {file.Length} bytes");
        }
    }

    [Fact]
    public async Task Is_refused_when_lines_are_missing_twice_or_elsewhere()
    {
        var file = await (await RandomHistory.Of(5, 4)).Export();
        var lines = Files.Lines(file);
        for (var line = 0; line < lines.Length; line++)
        {
            await Refused(Joined([.. lines[..line], .. lines[(line + 1)..]]), $"without line {line + 1}");
            await Refused(Joined([.. lines[..line], lines[line], .. lines[line..]]), $"line {line + 1} twice");
            if (line > 0)
                await Refused(Joined([.. lines[..(line - 1)], lines[line], lines[line - 1], .. lines[(line + 1)..]]), $"line {line + 1} before the one before it");
        }

        await Refused(Joined([.. lines, ""]), "a blank line at the end");
        await Refused(Joined([.. lines, .. lines]), "twice");
        await Refused(Encoding.UTF8.GetBytes(string.Join("\r\n", lines) + "\r\n"), "CRLF");
        await Refused([0xEF, 0xBB, 0xBF, .. file], "a byte order mark");
    }

    [Fact]
    public async Task Is_told_at_the_end_of_a_pipe()
    {
        var file = await (await RandomHistory.Of(5, 40)).Export();
        var lines = Files.Lines(file);
        await using var target = new InMemoryLedger();

        var outcome = await target.ImportPipe(Joined([.. lines[..^2], lines[^1]]), Files.Any with { AppendEventsMax = 5 });

        var refused = Assert.IsType<ImportOutcome.Refused>(outcome);
        Assert.True(refused.Fault.IsDamage);
        Assert.Equal(lines.Length - 1, refused.Fault.Line);
        Assert.True(refused.Counts.Appended > 0);
    }

    private static byte[] Joined(params IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    private static async Task Refused(byte[] file, string what)
    {
        await using var target = new InMemoryLedger();
        Assert.True(await target.Import(file) is ImportOutcome.Refused { Counts: { Appended: 0 } }, what);
        Assert.Equal(0, (await target.ReadRange(TestContext.Current.CancellationToken)).Head);
        Assert.NotNull((await target.Verify(file)).Fault);
    }
}
