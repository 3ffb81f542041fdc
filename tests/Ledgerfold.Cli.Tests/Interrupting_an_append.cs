using static Ledgerfold.Cli.Tests.LedgerInDirectory;

namespace Ledgerfold.Cli.Tests;

public sealed class Interrupting_an_append
{
    [Theory]
    [InlineData(RunningProgram.Interrupt)]
    [InlineData(RunningProgram.Terminate)]
    public async Task Answers_what_is_in_flight_closes_in_good_order_and_ends_with_130(int signal)
    {
        using var ledger = await Created();
        await using var append = ledger.Start("events append", "--stream", "order-1", "--pipeline", "64");
        await append.Send("""{"type":"A","data":1}""");
        await append.Receive();

        append.Signal(signal);
        var ended = await append.WaitForEnd();
        var next = await ledger.Append("""{"type":"B","data":1}""");

        Assert.Equal(new Ended(130, "", ""), ended);
        Assert.Equal((0, ""), (next.ExitCode, next.Errors)); // nothing to recover
        Assert.Equal(2, (await ledger.List()).Length);
    }

    [Fact]
    public async Task Acknowledges_nothing_that_a_kill_could_take_away()
    {
        using var ledger = await Created();
        var acknowledged = 0;
        for (var generation = 0; generation < 3; generation++)
        {
            await using var append = ledger.Start("events append", "--stream", "order-1", "--pipeline", "16");
            for (var n = 0; n < 40; n++)
                await append.Send("""{"type":"A","data":1}""");
            for (var n = 0; n < 20; n++)
                acknowledged = int.Parse(Parse(await append.Receive()).GetProperty("position").GetString()!);
            await append.Murder();
            await ledger.Append("""{"type":"B","data":1}"""); // the last batch before a kill is shown once a writer has taken over
            Assert.InRange((await ledger.List()).Length, acknowledged + 1, 41 * (generation + 1));
        }

        var verified = await ledger.Run("ledger verify");
        Assert.Equal((0, "sound"), (verified.ExitCode, verified.Output.Split(';')[0]));
    }

    [Fact]
    public async Task Ends_when_nobody_reads_the_answers()
    {
        using var ledger = await Created();
        await using var append = ledger.Start("events append", "--stream", "order-1");
        await append.Send("""{"type":"A","data":1}""");
        await append.Receive();

        append.CloseOutput();
        await append.Send("""{"type":"B","data":1}""");

        Assert.Equal(1, await append.WaitForExitCode());
        Assert.Equal("", (await append.WaitForEnd("")).Errors);
        Assert.Equal(2, (await ledger.List()).Length);
    }
}
