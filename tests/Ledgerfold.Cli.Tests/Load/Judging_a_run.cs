using System.Text.Json;
using Ledgerfold.Cli.Bench;
using Ledgerfold.Cli.Load;
using Ledgerfold.Cli.Load.Recounting;
using Ledgerfold.Cli.Load.Running;
using Ledgerfold.Cli.Load.Sending;

namespace Ledgerfold.Cli.Tests.Load;

public sealed class Judging_a_run
{
    private static readonly LoadReport GoodFlash = new()
    {
        Profile = "flash",
        Cores = "",
        Sending = new SendReport { Attempts = 30_150, Answered = 30_000, Seconds = 30, AnsweredPerSecond = 1_000, OtherArticlesAnsweredShare = 0.99, P99Millis = 200, RefusalP99Millis = 20 },
        Recount = new RecountReport { Hot = new HotReport("v:hot", 1_000, 1_000, 0, []) },
    };

    private static readonly LoadReport GoodSteady = new()
    {
        Profile = "steady",
        Cores = "",
        Sending = new SendReport { Attempts = 100_000, Answered = 100_000, Seconds = 250 },
        Recount = new RecountReport { Created = 100_000 },
        Server = new ProcessFigures(200, 0.8, 500, 550, 600),
        Kpis = new KpiComparison(12, []),
        DrainSeconds = 5,
    };

    private static readonly Dictionary<string, LoadReport> FlashFaults = new()
    {
        { "oversold", GoodFlash with { Recount = GoodFlash.Recount with { Oversold = 1 } } },
        { "paidTwice", GoodFlash with { Recount = GoodFlash.Recount with { PaidTwice = 1 } } },
        { "orphanedHolds", GoodFlash with { Recount = GoodFlash.Recount with { OrphanedHolds = 1 } } },
        { "lost", GoodFlash with { Recount = GoodFlash.Recount with { Lost = 1 } } },
        { "checkoutsOpen", GoodFlash with { Recount = GoodFlash.Recount with { Open = 1 } } },
        { "decidedMaxMillis", GoodFlash with { Recount = GoodFlash.Recount with { DecidedMaxMillis = 900_001 } } },
        { "hotUnitsUnexplained", GoodFlash with { Recount = GoodFlash.Recount with { Hot = new HotReport("v:hot", 1_000, 999, 1, []) } } },
        { "answeredPerSecond", GoodFlash with { Sending = GoodFlash.Sending with { AnsweredPerSecond = 499.9 } } },
        { "otherArticlesAnsweredShare", GoodFlash with { Sending = GoodFlash.Sending with { OtherArticlesAnsweredShare = 0.89 } } },
        { "p99Millis", GoodFlash with { Sending = GoodFlash.Sending with { P99Millis = 250.1 } } },
        { "refusalP99Millis", GoodFlash with { Sending = GoodFlash.Sending with { RefusalP99Millis = 50.1 } } },
        { "replayMismatches", GoodFlash with { Sending = GoodFlash.Sending with { ReplayMismatches = 1 } } },
        { "failed", GoodFlash with { Sending = GoodFlash.Sending with { Broken = 1 } } },
        { "advancedSeconds", GoodFlash with { AdvancedSeconds = 60 } },
    };

    private static readonly Dictionary<string, LoadReport> SteadyFaults = new()
    {
        { "ordersPerSecond", GoodSteady with { DrainSeconds = 60 } },
        { "answeredShare", GoodSteady with { Sending = GoodSteady.Sending with { Answered = 99_000, Shed = 1_000 } } },
        { "memoryLastThirdToFirst", GoodSteady with { Server = GoodSteady.Server! with { MemoryLastThirdMB = 601 } } },
        { "kpiDifferences", GoodSteady with { Kpis = new KpiComparison(12, ["conversion: 1 told, 2 counted"]) } },
        { "kpisCompared", GoodSteady with { Kpis = new KpiComparison(0, []) } },
    };

    public static TheoryData<string> MissedInAFlash => [.. FlashFaults.Keys];

    public static TheoryData<string> MissedOnASteadyDay => [.. SteadyFaults.Keys];

    [Fact]
    public void Passes_what_keeps_every_bar()
    {
        Assert.All(LoadReport.OfFlash(GoodFlash), bar => Assert.True(bar.Pass, bar.Figure));
        Assert.All(LoadReport.OfSteady(GoodSteady), bar => Assert.True(bar.Pass, bar.Figure));
    }

    [Theory]
    [MemberData(nameof(MissedInAFlash))]
    public void Fails_a_flash_sale_by_the_bar_that_it_missed(string figure) =>
        Assert.Equal([figure], LoadReport.OfFlash(FlashFaults[figure]).Where(bar => !bar.Pass).Select(bar => bar.Figure));

    [Theory]
    [MemberData(nameof(MissedOnASteadyDay))]
    public void Fails_a_steady_day_by_the_bar_that_it_missed(string figure) =>
        Assert.Equal([figure], LoadReport.OfSteady(SteadyFaults[figure]).Where(bar => !bar.Pass).Select(bar => bar.Figure));

    [Fact]
    public void Asks_a_small_run_for_no_more_than_it_sends()
    {
        var flash = GoodFlash with { Sending = GoodFlash.Sending with { Attempts = 300, Seconds = 3, AnsweredPerSecond = 91 } };
        var steady = GoodSteady with { Sending = GoodSteady.Sending with { Attempts = 1_000, Answered = 1_000, Seconds = 10 }, Recount = new RecountReport { Created = 1_400 } };

        Assert.All(LoadReport.OfFlash(flash), bar => Assert.True(bar.Pass, bar.Figure));
        Assert.All(LoadReport.OfSteady(steady with { Server = new ProcessFigures(1, 1, 100, 300, 300) }), bar => Assert.True(bar.Pass, bar.Figure));
    }

    [Fact]
    public void Tells_the_figures_that_everybody_asks_for_first()
    {
        var json = JsonSerializer.SerializeToElement(GoodFlash.ToJson(LoadReport.OfFlash(GoodFlash)), BenchReport.Json);

        string[] asked = ["attempts", "answered", "confirmed", "rejected", "shed", "oversold", "paidTwice", "orphanedHolds", "p50Millis", "p99Millis",
            "late", "refusalP99Millis", "answeredPerSecond", "otherArticlesAnsweredShare", "duplicates", "replays", "replayMismatches"];
        Assert.All(asked, name => Assert.Equal(JsonValueKind.Number, json.GetProperty(name).ValueKind));
        Assert.Equal((true, 30_150), (json.GetProperty("pass").GetBoolean(), json.GetProperty("attempts").GetInt32()));
    }

    [Fact]
    public void Compares_every_key_figure_that_both_have()
    {
        var counted = new KpiReport
        {
            Orders = new OrderKpis(4, 2, 0, 2, new Dictionary<string, int> { ["INSUFFICIENT_STOCK"] = 2 }),
            Conversion = 0.5m,
            Money = [new MoneyKpis(new SumKpi("20.00", "EUR"), new SumKpi("10.00", "EUR"))],
        };
        var told = JsonDocument.Parse(
            """
            {"from":"2026-01-01","orders":{"created":4,"confirmed":2,"cancelled":0,"rejected":2,"rejectedByCode":{"INSUFFICIENT_STOCK":1}},
             "conversion":0.5,"money":[{"currency":"EUR","gmv":{"amount":"20.01","currency":"EUR"},"averageOrderValue":{"amount":"10.00","currency":"EUR"}}],"more":1}
            """).RootElement;

        var compared = KpiComparison.Of(counted, told);

        Assert.Equal(8, compared.Compared);
        Assert.Equal(["orders.rejectedByCode.INSUFFICIENT_STOCK: 1 told, 2 counted", "money.gmv.EUR: 20.01 told, 20.00 counted"], compared.Differences);
    }

    [Fact]
    public void Takes_medians_of_the_first_and_the_last_third_of_memory()
    {
        var figures = ProcessFigures.Of([100, 900, 110, 120, 130, 140, 150, 160, 170], cpuSeconds: 4.5, passedSeconds: 9);

        Assert.Equal(new ProcessFigures(4.5, 0.5, 110, 160, 900), figures);
    }
}
