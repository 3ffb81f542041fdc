using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Tests;

/// <summary>What a test begins with.</summary>
internal static class Given
{
    private static int _ids;

    public static NewEvent Event(Module module, object fact)
    {
        var (type, version, data) = new EventCodec(module.EventTypes).Encode(fact);
        return new NewEvent { Id = new Guid(Interlocked.Increment(ref _ids), 7, 7, new byte[8]), Type = type, SchemaVersion = version, Data = data };
    }

    public static async Task Events(this ILedger ledger, Module module, string stream, params object[] facts)
    {
        var outcome = await ledger.Append(AppendRequest.To(stream, Expectation.Any, [.. facts.Select(fact => Event(module, fact))]));
        Assert.IsType<AppendOutcome.Appended>(outcome);
    }

    /// <summary>Sends a command for as long as the test goes on.</summary>
    public static Task<CommandAnswer> Tell(this Commands commands, object command, CommandOrigin? origin = null) =>
        commands.Send(command, origin, TestContext.Current.CancellationToken);
}
