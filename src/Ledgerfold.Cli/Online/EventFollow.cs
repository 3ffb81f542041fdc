using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Online;

/// <summary>Events of a server as they come. Where the connection is lost, it goes on behind the last event that came.</summary>
internal sealed class EventFollow(ServerCalls calls, ServerPath path, string? after)
{
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(1);

    private string? _last = after;

    /// <summary>Each event, and null where everything older has come: what was held back can be shown.</summary>
    public async IAsyncEnumerable<JsonElement?> Read([EnumeratorCancellation] CancellationToken cancel)
    {
        var wasThere = false;
        while (true)
        {
            var stream = Connection(wasThere, cancel).GetAsyncEnumerator(cancel);
            await using (stream)
            {
                while (await Next(stream))
                {
                    wasThere = true;
                    var (id, kind, data) = stream.Current;
                    _last = id is { Length: > 0 } ? id : _last;
                    if (kind == "caught-up")
                        yield return null;
                    else if (kind == SseParser.EventTypeDefault)
                        yield return data;
                    else
                        throw new VerbFailedException(ExitCode.NotAllowed, $"{kind}: {data}");
                }
            }

            StandardError.Say("The connection was lost; it goes on behind the last event.");
            await Task.Delay(AgainAfter, TimeProvider.System, cancel);
        }
    }

    private async IAsyncEnumerable<(string? Id, string Kind, JsonElement Data)> Connection(
        bool wasThere, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var request = calls.RequestOf(HttpMethod.Get, $"{path}");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (_last is not null)
            request.Headers.Add("Last-Event-ID", _last);
        HttpResponseMessage response;
        try
        {
            response = await calls.Send(request, cancel);
        }
        catch (VerbFailedException unreachable) when (wasThere && unreachable.ExitCode == ExitCode.Unreachable)
        {
            yield break; // it was there, and may come back
        }

        using (response)
        {
            await ServerCalls.Check(response, cancel);
            var events = SseParser.Create(await response.Content.ReadAsStreamAsync(cancel), static (_, data) => Parse(data));
            await foreach (var item in events.EnumerateAsync(cancel))
                yield return (item.EventId, item.EventType, item.Data);
        }
    }

    private static async ValueTask<bool> Next<T>(IAsyncEnumerator<T> stream)
    {
        try
        {
            return await stream.MoveNextAsync();
        }
        catch (IOException)
        {
            return false; // HttpIOException is one, too
        }
    }

    private static JsonElement Parse(ReadOnlySpan<byte> data)
    {
        using var whole = JsonDocument.Parse(data.ToArray(), new JsonDocumentOptions { MaxDepth = 4_096 });
        return whole.RootElement.Clone();
    }
}
