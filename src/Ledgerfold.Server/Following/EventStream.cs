using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ledgerfold.Server.Endpoints;
using Ledgerfold.Server.Security.Permitting;
using Microsoft.AspNetCore.Http.Features;

namespace Ledgerfold.Server.Following;

/// <summary>
/// Server-sent events: each event of the ledger under its position, so that whoever comes back says where he was; a control event once
/// nothing older is left, and one when the caller lost access; a comment now and then, so that both sides know of each other. Pages are
/// read as fast as they are taken: who takes nothing for a while is let go of.
/// </summary>
internal sealed class EventStream(
    ILedger ledger, ReadRequest request, FollowSeat seat, TimeProvider clock, CancellationToken stopping) : IResult
{
    private const string MediaType = "text/event-stream";
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan TakenWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FarewellWithin = TimeSpan.FromMilliseconds(500); // who lost access is gone within a second

    private Task _sending = Task.CompletedTask;

    /// <summary>Writes an event as one JSON object, without what may not be read; where nothing else is said, in our own form.</summary>
    public Action<Utf8JsonWriter, RecordedEvent, PayloadView> WriteEvent { get; init; } = static (json, recorded, payload) =>
    {
        json.WriteStartObject();
        payload.Write(json, recorded);
        json.WriteEndObject();
    };

    /// <summary>Whether a caller wants one.</summary>
    public static bool IsAsked(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(static accepted => accepted.MediaType == MediaType);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var _ = seat;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping, seat.Lost);
        try
        {
            httpContext.Response.ContentType = MediaType;
            httpContext.Response.Headers.CacheControl = "no-store";
            httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await Send(httpContext.Response, ": ledgerfold\n\n"u8.ToArray(), TakenWithin, over.Token);
            await Follow(httpContext.Response, over);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // it was the caller who went or may stay no longer, or the server that ends
            if (seat.Lost.IsCancellationRequested && !httpContext.RequestAborted.IsCancellationRequested)
                await TakeLeave(httpContext);
        }
        catch (TimeoutException)
        {
            httpContext.Abort(); // the caller takes nothing
        }
    }

    private async Task TakeLeave(HttpContext http)
    {
        var why = seat.Why;
        var said = new LostJson(why is null ? null : Permission.Describe(why), why?.Reason);
        var data = JsonSerializer.Serialize(said, LostJsonContext.Default.LostJson);
        try
        {
            await _sending.WaitAsync(FarewellWithin, clock, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
            await Send(http.Response, Encoding.UTF8.GetBytes($"event: access-lost\ndata: {data}\n\n"), FarewellWithin, http.RequestAborted);
        }
        catch (Exception failure) when (failure is TimeoutException or OperationCanceledException)
        {
            http.Abort();
        }
    }

    private async Task Follow(HttpResponse response, CancellationTokenSource over)
    {
        var hasCaughtUp = false;
        await using var pages = ledger.Read(request, over.Token).GetAsyncEnumerator(over.Token);
        var next = pages.MoveNextAsync().AsTask();
        try
        {
            for (; await WithHeartbeats(next, response, over.Token); next = pages.MoveNextAsync().AsTask())
            {
                var bytes = new ArrayBufferWriter<byte>();
                var payload = new PayloadView(seat.Access); // what may be read can change while the follow goes on
                foreach (var recorded in pages.Current.Events)
                    Write(bytes, recorded, payload);
                if (pages.Current is { CaughtUp: true, ScannedTo: var position } && !hasCaughtUp)
                {
                    hasCaughtUp = true;
                    bytes.Write(Encoding.UTF8.GetBytes($"id: {position}\nevent: caught-up\ndata: {{\"position\":\"{position}\"}}\n\n"));
                }

                if (bytes.WrittenCount > 0)
                    await Send(response, bytes.WrittenMemory, TakenWithin, over.Token);
            }
        }
        finally
        {
            await over.CancelAsync();
            await next.ContinueWith(static _ => { }, TaskScheduler.Default); // a read that goes on must end before it is let go of
        }
    }

    private async Task<bool> WithHeartbeats(Task<bool> next, HttpResponse response, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return await next.WaitAsync(HeartbeatEvery, clock, cancel);
            }
            catch (TimeoutException)
            {
                await Send(response, ": still here\n\n"u8.ToArray(), TakenWithin, cancel);
            }
        }
    }

    private async Task Send(HttpResponse response, ReadOnlyMemory<byte> bytes, TimeSpan within, CancellationToken cancel)
    {
        _sending = Write();
        await _sending.WaitAsync(within, clock, cancel);

        async Task Write()
        {
            await response.Body.WriteAsync(bytes, cancel);
            await response.Body.FlushAsync(cancel);
        }
    }

    private void Write(ArrayBufferWriter<byte> bytes, RecordedEvent recorded, PayloadView payload)
    {
        bytes.Write(Encoding.UTF8.GetBytes($"id: {recorded.Position}\ndata: "));
        using (var json = new Utf8JsonWriter(bytes))
            WriteEvent(json, recorded, payload);
        bytes.Write("\n\n"u8);
    }
}

/// <summary>Why a follow ended: the permission that its caller lacks now.</summary>
internal sealed record LostJson(string? Permission, string? Detail);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LostJson))]
internal sealed partial class LostJsonContext : JsonSerializerContext;
