using Ledgerfold;
using Ledgerfold.Durability.Child;
using Ledgerfold.Storage;

var voice = new Voice();
voice.Say($"pid {Environment.ProcessId}");
try
{
    var order = Order.Parse(args);
    return order.Verb switch
    {
        "write" => await Writing.Run(order, voice),
        "follow" => await Follow(order),
        "fold" => await FoldWriting.Run(order, voice),
        _ => throw new ArgumentException($"{order.Verb} is no verb", nameof(args)),
    };
}
catch (LedgerUnavailableException unavailable)
{
    voice.Say($"unavailable {unavailable.Code}");
    return 4;
}
catch (IOException failure)
{
    voice.Say($"broken {failure.Message}");
    return 5;
}

// Says every event it sees, for ever.
async Task<int> Follow(Order order)
{
    await using var ledger = EmbeddedLedger.OpenReadOnly(order.ToOptions());
    voice.Say("following");
    await foreach (var page in ledger.Read(new ReadRequest { Follow = true }))
    {
        foreach (var recorded in page.Events)
        {
            var (deed, number) = Deed.Of(recorded.Id);
            voice.Say($"saw {recorded.Position} {deed} {number}");
        }
    }

    return 0;
}
