using Ledgerfold.Model.Exporting;
using Ledgerfold.Testing;

namespace Ledgerfold.Tests.Samples;

public sealed class Moving_a_ledger
{
    [Fact]
    public async Task Exports_imports_and_verifies()
    {
        await using var shop = await RunningShop.Start();
        await shop.Do(new CreateOrder("1", "ada", 10m));
        await using var target = new InMemoryLedger();
        using var file = new MemoryStream();
        var cancel = TestContext.Current.CancellationToken;

        // begin export
        var exported = await new Exporter(shop.Ledger).Export(
            new ExportRequest { Ledger = "shop-eu", Query = EventQuery.OfCategory("order") }, file, cancel);
        // end

        file.Position = 0;

        // begin import
        var outcome = await new Importer(target).Import(file, new ImportOptions { Name = "shop-eu-2026" }, cancel);
        var appended = outcome switch
        {
            ImportOutcome.Imported imported => imported.Counts.Appended,
            ImportOutcome.Refused refused => throw new InvalidDataException($"{refused.Fault}"), // nothing was appended
            _ => throw new InvalidOperationException($"{outcome}"), // mend what it says, and call again
        };

        file.Position = 0;
        var compared = await new Importer(target).Verify(file, cancel: cancel);
        Assert.True(compared.IsSame);
        // end
        Assert.Equal(exported.Events, appended);
    }
}
