using System.Text.Json;
using Ledgerfold.Cli.Load.Recounting;

namespace Ledgerfold.Cli.Tests.Load;

/// <summary>Files with nothing wrong about them, and files with one thing wrong each, which has to be seen.</summary>
public sealed class Recounting_events : IDisposable
{
    private readonly ExportedFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Finds_nothing_where_nothing_is_wrong()
    {
        _file.Received(3).Bought("o1").Bought("o2").Bought("o3");
        _file.Created("o4").Rejected("o4", "INSUFFICIENT_STOCK");

        var report = Report();

        Assert.True(report.IsClean, string.Join('\n', report.Findings));
        Assert.Equal((4, 3, 1, 0), (report.Created, report.Confirmed, report.Rejected, report.Open));
        Assert.Equal(1, report.RejectedBy["INSUFFICIENT_STOCK"]);
        Assert.Equal((3, 3, 0), (report.Hot!.Units, report.Hot.Confirmed, report.Hot.Unexplained));
        Assert.Equal(1, report.OpenCheckoutsPeak);
        Assert.Equal(7_000, report.DecidedMaxMillis, 5_000.0);
    }

    [Fact]
    public void Sees_that_more_was_sold_than_was_there()
    {
        _file.Received(2).Bought("o1").Bought("o2").Bought("o3");

        var report = Report();

        Assert.Equal(1, report.Oversold);
        Assert.Contains("v-1:hot: 1 oversold", report.Findings);
    }

    [Fact]
    public void Sees_that_more_was_reserved_than_was_there_even_if_it_was_given_back()
    {
        _file.Received(1).Created("o1").Reserved("o1").Created("o2").Reserved("o2").Ended("Released", "o2").Rejected("o2", "FRAUD_BLOCKED");

        Assert.Equal(1, Report().Oversold);
    }

    [Fact]
    public void Sees_that_orders_were_confirmed_without_their_stock()
    {
        _file.Received(1).Bought("o1");
        _file.Created("o2").Requested("o2").Paid("PaymentAuthorized", "o2").Add("OrderConfirmed", new { orderId = "o2" });

        var report = Report();

        Assert.Equal((1, 1, 1), (report.Oversold, report.UnevenArticles, report.WrongParts));
    }

    [Fact]
    public void Sees_an_order_that_was_paid_twice()
    {
        _file.Received(1).Bought("o1");
        _file.Add("PaymentRequested", new { paymentId = "p-2", orderId = "o1", amount = new { amount = "10.00", currency = "EUR" }, card = "card-o1" });
        _file.Add("PaymentAuthorized", new { paymentId = "p-2", orderId = "o1" });

        Assert.Equal(1, Report().PaidTwice);
    }

    [Fact]
    public void Sees_one_purchase_that_became_two_orders()
    {
        _file.Received(2).Bought("o1", "card").Bought("o2", "card");

        Assert.Equal(1, Report().PaidTwice);
        Assert.Equal(0, Report(oncePerCard: false).PaidTwice);
    }

    [Fact]
    public void Sees_that_more_was_taken_than_was_agreed()
    {
        _file.Received(1).Bought("o1").Paid("PaymentProcessed", "o1").Paid("PaymentProcessed", "o1");

        Assert.Equal(1, Report().PaidTwice);
    }

    [Fact]
    public void Sees_a_hold_for_an_order_that_was_rejected()
    {
        _file.Received(1).Created("o1").Reserved("o1").Requested("o1").Paid("PaymentAuthorized", "o1").Ended("Released", "o1").Rejected("o1", "FRAUD_BLOCKED");

        Assert.Equal(1, Report().OrphanedHolds);
    }

    [Theory]
    [InlineData("PaymentVoided")]
    [InlineData("AuthorizationExpired")]
    public void Sees_no_orphan_where_the_hold_was_given_up(string how)
    {
        _file.Received(1).Created("o1").Reserved("o1").Requested("o1").Paid("PaymentAuthorized", "o1").Ended("Released", "o1").Rejected("o1", "X").Paid(how, "o1");

        Assert.Equal(0, Report().OrphanedHolds);
    }

    [Fact]
    public void Sees_a_hold_of_the_provider_that_the_events_gave_up()
    {
        _file.Received(1).Bought("o1");
        _file.Created("o2").Requested("o2").Paid("PaymentDeclined", "o2").Rejected("o2", "PAYMENT_TIMEOUT");
        var journal = _file.Written("provider.journal",
        [
            """00000000 {"kind":"held","Key":"default/payment/o1-p","Card":"card-o1"}""",
            """00000000 {"kind":"held","Key":"default/payment/o2-p","Card":"card-o2"}""",
            """00000000 {"kind":"held","Key":"default/payment/o3-p","Card":"card-o3"}""",
            """00000000 {"kind":"released","Key":"default/payment/o3-p"}""",
        ]);

        var report = Report(provider: journal);

        Assert.Equal(1, report.OrphanedHolds);
        Assert.Contains("payment o2-p: held for no confirmed order", report.Findings);
    }

    [Fact]
    public void Sees_a_confirmed_order_that_nobody_paid()
    {
        _file.Received(1).Created("o1").Reserved("o1").Confirmed("o1");

        Assert.Equal(1, Report().ConfirmedUnpaid);
    }

    [Theory]
    [InlineData("o1", "confirmed", 0)]
    [InlineData("o2", "rejected", 0)]
    [InlineData("o2", "pending", 0)]
    [InlineData("o2", "confirmed", 1)]
    [InlineData("o1", "rejected", 1)]
    [InlineData("o9", "pending", 1)]
    public void Sees_an_order_that_is_not_as_somebody_was_told(string order, string told, int lost)
    {
        _file.Received(1).Bought("o1").Created("o2").Rejected("o2", "INSUFFICIENT_STOCK");

        Assert.Equal(lost, Report(answers: new() { [order] = told }).Lost);
    }

    [Fact]
    public void Sees_a_reservation_that_ends_twice()
    {
        _file.Received(2).Bought("o1").Ended("Released", "o1");

        Assert.Equal(1, Report().WrongEnds);
    }

    [Fact]
    public void Explains_units_that_came_back_too_late_for_anybody()
    {
        _file.Received(2).Bought("o1").Created("o2").Reserved("o2").Requested("o2").Paid("PaymentDeclined", "o2").Ended("Released", "o2").Rejected("o2", "PAYMENT_TIMEOUT");

        var hot = Report().Hot!;

        var hold = Assert.Single(hot.Holds);
        Assert.Equal((1, "o2", "released", "PAYMENT_TIMEOUT"), (hold.Units, hold.OrderId, hold.How, hold.Why));
        Assert.Equal((1, 0), (hot.Confirmed, hot.Unexplained));
    }

    [Fact]
    public void Leaves_units_unexplained_that_nobody_ever_had()
    {
        _file.Received(3).Bought("o1");

        Assert.Equal((1, 2), (Report().Hot!.Confirmed, Report().Hot!.Unexplained));
    }

    [Fact]
    public void Explains_units_that_are_still_reserved_by_the_order_that_has_them()
    {
        _file.Received(1).Created("o1").Reserved("o1").Add("OrderPutOnHold", new { orderId = "o1", reason = "review" });

        var report = Report();

        Assert.Equal(("reserved", "OnHold"), (report.Hot!.Holds.Single().How, report.Hot.Holds.Single().Why));
        Assert.Equal((0, 1), (report.Hot.Unexplained, report.OnHold));
    }

    [Fact]
    public void Counts_who_was_told_sold_out_while_units_were_free()
    {
        _file.Received(1).Created("o1").Rejected("o1", "INSUFFICIENT_STOCK").Bought("o2").Created("o3").Rejected("o3", "INSUFFICIENT_STOCK");

        Assert.Equal(1, Report().RefusedWhileFree);
    }

    [Fact]
    public void Does_without_lines_that_were_cancelled()
    {
        _file.Received(1).Bought("o1");
        _file.Add("OrderLineCancelled", new { orderId = "o1", line = 1, net = new { amount = "10.00", currency = "EUR" }, shipping = new { amount = "0.00", currency = "EUR" } });
        _file.Add("StockAdjusted", new { sku = "hot", vendorId = "v-1", location = (string?)null, quantity = 0, committed = -1, reservationId = "o1:1" });

        var report = Report();

        Assert.Equal((0, 0, 0), (report.Oversold, report.UnevenArticles, report.WrongParts));
    }

    [Fact]
    public void Computes_the_key_figures()
    {
        _file.Received(2).Bought("o1").Bought("o2");
        _file.Created("o3").Rejected("o3", "INSUFFICIENT_STOCK");
        _file.Created("o4").Requested("o4").Paid("PaymentDeclined", "o4").Rejected("o4", "PAYMENT_DECLINED");

        var kpis = Report().Kpis;

        Assert.Equal((4, 2, 2), (kpis.Orders!.Created, kpis.Orders.Confirmed, kpis.Orders.Rejected));
        Assert.Equal((0.5m, 0.666667m, 1m), (kpis.Conversion, kpis.AuthorizationRate, kpis.Reservations!.Conversion));
        Assert.Equal((new SumKpi("20.00", "EUR"), new SumKpi("10.00", "EUR")), (kpis.Money.Single().Gmv, kpis.Money.Single().AverageOrderValue));
    }

    [Fact]
    public void Takes_the_lines_of_an_export_as_well()
    {
        var file = _file.Written("export.ndjson",
        [
            """{"specversion":"1.0","id":"1","type":"$export.begin","data":{"format":1}}""",
            """{"type":"StockReceived","subject":"stock-v-1:hot","time":"2026-01-31T12:00:00Z","globalposition":"1","data":{"sku":"hot","vendorId":"v-1","location":"main","quantity":5}}""",
            """{"specversion":"1.0","id":"3","type":"$export.end","data":{"events":1}}""",
        ]);

        Assert.Equal(5, Recount.Read(file).Articles[ExportedFile.Article].OnHand);
    }

    [Fact]
    public async Task Is_a_program_of_its_own_that_fails_its_check()
    {
        _file.Received(1).Bought("o1").Bought("o2");

        var ended = await RunningProgram.Run("", "load", "recount", "--events", _file.Events, "--hot", ExportedFile.Article, "--json");

        Assert.Equal((6, ""), (ended.ExitCode, ended.Errors));
        Assert.Equal(1, JsonDocument.Parse(ended.Output).RootElement.GetProperty("oversold").GetInt32());
    }

    [Fact]
    public async Task Says_which_line_it_cannot_read()
    {
        var file = _file.Written("broken.ndjson", ["", """{"type":"OrderConfirmed","recordedAt":"2026-01-31T12:00:00Z","data":{"orderId":"o1"}}"""]);

        var ended = await RunningProgram.Run("", "load", "recount", "--events", file);

        Assert.Equal((1, ""), (ended.ExitCode, ended.Output));
        Assert.Contains("line 2", ended.Errors);
    }

    private RecountReport Report(string? provider = null, Dictionary<string, string>? answers = null, bool oncePerCard = true)
    {
        var journal = provider is null ? null : ProviderCount.Read(provider);
        return new Findings(Recount.Read(_file.Events), answers ?? [], journal, oncePerCard).Report(ExportedFile.Article);
    }
}
