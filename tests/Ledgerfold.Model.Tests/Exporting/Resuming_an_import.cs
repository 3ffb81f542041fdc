using Ledgerfold.Model.Exporting;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Exporting;

public sealed class Resuming_an_import
{
    private static readonly ImportOptions Small = Files.Any with { AppendEventsMax = 5 };

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 8).Select(seed => (ulong)seed)];

    [Theory, MemberData(nameof(Seeds))]
    public async Task Ends_with_the_same_ledger_wherever_it_was_broken_off(ulong seed)
    {
        var first = await RandomHistory.Of(seed, 12, "default", "other");
        var all = new ExportRequest { Tenant = null, Query = RandomHistory.Everything };
        var file = await first.Export(all);
        var whole = await Import(file, static _ => { }, seed);
        for (var appends = 0; appends < whole.Appends.Count; appends++)
        {
            var broken = await Import(
                file,
                faulty =>
                {
                    if (appends > 0)
                        faulty.Pass(LedgerCall.Append, appends);
                    switch (seed % 4)
                    {
                        case 0: faulty.Fail(LedgerCall.Append, new IOException("broken off")); break;
                        case 1: faulty.LoseAnswer(happened: true, times: 3); break;
                        case 2: faulty.LoseAnswer(happened: false, times: 3); break;
                        default: faulty.Answer(new AppendOutcome.ReadOnly("full")); break;
                    }
                },
                seed);
            Assert.Equal(await whole.Ledger.Export(all), await broken.Ledger.Export(all));
        }
    }

    [Fact]
    public async Task Goes_on_from_the_cursor_without_a_look_at_what_is_done()
    {
        var first = await RandomHistory.Of(5, 20);
        var file = await first.Export();
        await using var target = new InMemoryLedger();
        var faulty = new FaultyLedger(target);
        faulty.Pass(LedgerCall.Append, 4);
        faulty.Answer(new AppendOutcome.ReadOnly("full"));

        var stopped = Assert.IsType<ImportOutcome.Stopped>(await faulty.Import(file, Small));
        var resumed = await faulty.Imports(file, Small);

        Assert.Equal(("read-only", "full"), (stopped.Code, stopped.Reason));
        Assert.True(stopped.Counts.Appended > 0);
        Assert.Equal(new ImportCounts(Files.Events(file).Length - stopped.Counts.Appended, 0, stopped.Counts.Appended, 0), resumed);
    }

    [Fact]
    public async Task Refuses_another_file_under_the_same_name()
    {
        await using var target = new InMemoryLedger();
        var named = Small with { Name = "move" };
        await target.Imports(await (await RandomHistory.Of(1, 5)).Export(), named);
        var another = await (await RandomHistory.Of(2, 30)).Export();
        var shorter = await (await RandomHistory.Of(2, 1)).Export();

        Assert.Equal("other-file", Assert.IsType<ImportOutcome.Conflict>(await target.Import(another, named)).Code);
        Assert.Equal("other-file", Assert.IsType<ImportOutcome.Conflict>(await target.Import(shorter, named)).Code);
    }

    [Fact]
    public async Task Is_told_when_another_import_of_the_name_is_at_work()
    {
        await using var target = new InMemoryLedger();
        await target.Import(Files.Plain("there", "stock-1"));
        var watched = new WatchedLedger(target)
        {
            OnAppend = async (request, append) =>
            {
                var move = request.CursorMoves[0];
                await target.Append(new AppendRequest { CursorMoves = [move with { Next = move.Expected + 1 }] });
                return await append();
            },
        };

        var outcome = await watched.Import(await (await RandomHistory.Of(6, 20)).Export(), Small);

        var conflict = Assert.IsType<ImportOutcome.Conflict>(outcome);
        Assert.Equal((2, "cursor-moved", 0), (conflict.Line, conflict.Code, conflict.Counts.Appended));
    }

    private static async Task<(InMemoryLedger Ledger, List<AppendRequest> Appends)> Import(byte[] file, Action<FaultyLedger> faults, ulong seed)
    {
        var target = new InMemoryLedger(new ManualClock());
        var faulty = new FaultyLedger(target);
        var watched = new WatchedLedger(faulty);
        faults(faulty);
        for (var run = 0; ; run++)
        {
            try
            {
                var outcome = seed % 2 == 0 ? await watched.Import(file, Small) : await watched.ImportPipe(file, Small);
                if (outcome is ImportOutcome.Imported)
                    return (target, watched.Appends);
                Assert.IsType<ImportOutcome.Stopped>(outcome);
            }
            catch (IOException)
            {
                // as if the process had ended
            }

            Assert.True(run < 3, "it does not come to an end");
        }
    }
}
