using Ledgerfold.Testing;

namespace Ledgerfold.Architecture.Tests.Samples;

/// <summary>The code that README.md shows, from its first line to its last.</summary>
internal static class FirstSteps
{
    public static async Task<IReadOnlyList<string>> Run(Guid orderEventId, CancellationToken cancel)
    {
        var said = new List<string>();
        void Say(string line) => said.Add(line);

        // begin
        await using ILedger ledger = new InMemoryLedger();

        var created = new NewEvent
        {
            Id = orderEventId,
            Type = "OrderCreated",
            Data = """{"total":"12.30"}"""u8.ToArray(),
            Tags = ["vendor:V2"],
        };

        switch (await ledger.Append(AppendRequest.To("order-42", Expectation.NoStream, created), cancel))
        {
            case AppendOutcome.Appended appended:
                Say($"at position {appended.Last}, repeated: {appended.Repeated}");
                break;
            case AppendOutcome.WrongVersion wrong:
                Say($"someone was faster: {wrong.Stream} is at version {wrong.Actual}");
                break;
            case var other:
                Say(other.Code);
                break;
        }

        await foreach (var page in ledger.Read(new ReadRequest { Query = EventQuery.Tagged("vendor:V2") }, cancel))
        {
            foreach (var recorded in page.Events)
                Say($"{recorded.Position} {recorded.Stream} v{recorded.Version} {recorded.Type}");
        }

        // end
        return said;
    }
}
