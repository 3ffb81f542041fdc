using System.Text.Json;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Online;

/// <summary>Watches long work on a server to its end, and shows how far it is.</summary>
internal static class OperationWatch
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>The operation as it stands at its end. An interrupt ends the watching and not the work.</summary>
    public static Task<JsonElement> ToItsEnd(ServerCalls calls, string id, CancellationToken cancel) =>
        StandardError.WithProgress("working", async tell =>
        {
            using var timer = new PeriodicTimer(LookEvery);
            while (true)
            {
                var operation = await calls.Get($"{ServerPath.Of("operations", id)}", cancel);
                if (operation.TryGetProperty("progress", out var progress) && progress.ValueKind == JsonValueKind.Object
                    && progress.TryGetProperty("total", out var total) && total.ValueKind == JsonValueKind.Number)
                    tell(progress.GetProperty("done").GetInt64(), total.GetInt64());
                if (operation.TryGetProperty("endedAt", out var ended) && ended.ValueKind == JsonValueKind.String)
                    return operation;
                await timer.WaitForNextTickAsync(cancel);
            }
        });

    /// <summary>Whether it ended otherwise than well.</summary>
    public static bool HasFailed(JsonElement operation) =>
        operation.TryGetProperty("endedAt", out var ended) && ended.ValueKind == JsonValueKind.String
        && operation.GetProperty("state").GetString() != "completed";
}
