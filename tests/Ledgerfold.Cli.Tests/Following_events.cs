using static Ledgerfold.Cli.Tests.LedgerInDirectory;

namespace Ledgerfold.Cli.Tests;

public sealed class Following_events
{
    [Fact]
    public async Task Shows_what_another_process_appends_from_now_on_each_once_and_in_order()
    {
        using var ledger = await Created();
        await ledger.Append("""{"type":"T0","data":1}""");
        await using var append = ledger.Start("events append", "--stream", "order-1");
        await append.Send("""{"type":"T1","data":1}""");
        await append.Receive();
        await using var follow = ledger.Start("events list", "--follow", "--json", "--limit", "100");
        Assert.Equal("T0", TypeOf(await follow.Receive()));

        for (var n = 2; n < 100; n++)
        {
            await append.Send($$"""{"type":"T{{n}}","data":1}""");
            await append.Receive();
        }

        for (var n = 1; n < 100; n++)
            Assert.Equal($"T{n}", TypeOf(await follow.Receive()));
        Assert.Equal(0, (await follow.WaitForEnd()).ExitCode);
        Assert.Equal(0, (await append.Finish()).ExitCode);

        static string? TypeOf(string line) => Parse(line).GetProperty("type").GetString();
    }

    [Theory]
    [InlineData(RunningProgram.Interrupt)]
    [InlineData(RunningProgram.Terminate)]
    public async Task Ends_with_130_when_interrupted(int signal)
    {
        using var ledger = await Created();
        await ledger.Append("""{"type":"A","data":1}""");
        await using var follow = ledger.Start("events list", "--follow", "--json");
        await follow.Receive();

        follow.Signal(signal);

        Assert.Equal(new Ended(130, "", ""), await follow.WaitForEnd());
    }

    [Fact]
    public async Task Ends_quietly_when_its_reader_goes_although_nothing_happens()
    {
        using var ledger = await Created();
        await ledger.Append("""{"type":"A","data":1}""");
        await using var follow = ledger.Start("events list", "--follow", "--json");
        await follow.Receive();

        follow.CloseOutput();

        Assert.Equal(0, await follow.WaitForExitCode());
        Assert.Equal("", (await follow.WaitForEnd("")).Errors);
    }
}
