using System.Text.Json;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Online;

/// <summary>Shows the events of a server as those of a directory are shown.</summary>
internal static class OnlineEvents
{
    /// <summary>Writes what a request asks for, page by page or as it comes.</summary>
    public static async Task Write(
        ServerCalls calls, ServerPath path, ReadRequest request, StandardOutput output, bool asJson, CancellationToken cancel)
    {
        var table = new EventTable(output, StandardOutput.Columns, withTenant: false);
        var written = 0L;
        await foreach (var (items, isPause) in Events(calls, path, request, cancel))
        {
            foreach (var item in items)
            {
                if (asJson)
                    output.Line(item.GetRawText());
                else
                    table.Add(item);
                if (++written == request.Limit)
                    break;
            }

            if (isPause && !asJson && written > 0)
                table.Flush();
            if (isPause)
                output.Flush();
            if (written == request.Limit)
                return;
        }

        if (written == 0 && !asJson)
            StandardError.Say("No event matches.");
    }

    /// <summary>Some events at a time, and whether it is time to show them.</summary>
    private static async IAsyncEnumerable<(IReadOnlyList<JsonElement> Items, bool IsPause)> Events(
        ServerCalls calls,
        ServerPath path,
        ReadRequest request,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        if (request.Follow)
        {
            var hasCaughtUp = false;
            await foreach (var told in new EventFollow(calls, path, $"{request.After}").Read(cancel))
            {
                hasCaughtUp |= told is null;
                yield return (told is { } item ? [item] : [], hasCaughtUp);
            }

            yield break;
        }

        // What bounds the list on the side where it begins moves from page to page; the other side stays.
        var (cursorName, cursor) = request.Backward ? ("before", Bound(request.Before, long.MaxValue)) : ("after", Bound(request.After, 0));
        if (request.Backward)
            path.With("backward", "true").With("after", Bound(request.After, 0));
        else
            path.With("before", Bound(request.Before, long.MaxValue));
        await foreach (var page in calls.Pages(path, cursorName, cursor, request.Limit ?? long.MaxValue, cancel))
            yield return (page.Items, true);
    }

    private static string? Bound(long position, long none) => position == none ? null : $"{position}";
}
