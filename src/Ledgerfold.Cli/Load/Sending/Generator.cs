using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Ledgerfold.Cli.Load.Traffic;

namespace Ledgerfold.Cli.Load.Sending;

/// <summary>
/// Sends every attempt when it is due, whether or not those before have been answered, as people do. One thread does nothing else; answers
/// are taken by the pool. Connections are HTTP/1.1, kept open and bounded, as a proxy in front of many browsers holds them: an attempt that
/// finds all of them taken waits for one, and that is part of its latency, which counts from when it was due.
/// </summary>
internal sealed class Generator : IDisposable
{
    /// <summary>How many connections there are at most.</summary>
    public const int ConnectionsMax = 512;

    private const int WarmUpCalls = 300;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly LoadTraffic _traffic;
    private readonly Schedule _schedule;
    private readonly Uri _orders;
    private readonly Uri _idle;
    private readonly HttpClient _client;
    private readonly Attempt[] _attempts; // each is written by whoever has its answer
    private long _started;
    private int _inFlight;
    private int _inFlightPeak;

    public Generator(LoadPlan plan, LoadTraffic traffic, Uri server, string? apiKey)
    {
        (_traffic, _schedule) = (traffic, plan.Schedule);
        _orders = new Uri(server, $"/api/v1/marketplace/orders{(plan.Wait > 0 ? $"?wait={plan.Wait}" : "")}");
        _idle = new Uri(server, "/version");
        _attempts = new Attempt[traffic.Clicks.Count];
        _client = new HttpClient(new SocketsHttpHandler
        {
            MaxConnectionsPerServer = ConnectionsMax,
            UseCookies = false,
            AllowAutoRedirect = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
        })
        { Timeout = GiveUpAfter };
        if (apiKey is not null)
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }

    public IReadOnlyList<Attempt> Attempts => _attempts;

    /// <summary>The most attempts that were on their way at once.</summary>
    public int InFlightPeak => _inFlightPeak;

    /// <summary>Sends all of it, and waits until each has its answer or was given up.</summary>
    public async Task Run(CancellationToken cancel)
    {
        await WarmUp(cancel);
        var sent = new Task[_attempts.Length];
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var pace = new Thread(() => Pace(sent, done, cancel)) { Name = "pace", IsBackground = true };
        pace.Start();
        await done.Task;
        await Task.WhenAll(sent);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Lets the runtime compile what sends and receives, and opens some connections.</summary>
    private async Task WarmUp(CancellationToken cancel)
    {
        for (var call = 0; call < WarmUpCalls; call += 10)
            await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Once()));

        async Task Once()
        {
            using var response = await _client.GetAsync(_idle, cancel);
            await response.Content.ReadAsByteArrayAsync(cancel);
        }
    }

    private void Pace(Task[] sent, TaskCompletionSource done, CancellationToken cancel)
    {
        try
        {
            _started = TimeProvider.System.GetTimestamp();
            for (var next = 0; next < sent.Length;)
            {
                var left = _schedule.DueOf(next) - Now;
                if (left <= TimeSpan.Zero)
                    sent[next] = Send(next++, cancel);
                else if (cancel.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds))))
                    break;
            }

            cancel.ThrowIfCancellationRequested();
            done.SetResult();
        }
        catch (Exception failure)
        {
            done.SetException(failure);
        }
    }

    private TimeSpan Now => TimeProvider.System.GetElapsedTime(_started);

    private async Task Send(int index, CancellationToken cancel)
    {
        var inFlight = Interlocked.Increment(ref _inFlight);
        if (inFlight > _inFlightPeak)
            _inFlightPeak = inFlight; // the pacing thread alone gets here
        var attempt = new Attempt { SentLate = Now - _schedule.DueOf(index), Waited = inFlight > ConnectionsMax };
        try
        {
            var purchase = _traffic.Purchases[_traffic.Clicks[index].Purchase];
            using var request = new HttpRequestMessage(HttpMethod.Post, _orders) { Content = new ReadOnlyMemoryContent(purchase.Body) };
            request.Content.Headers.ContentType = Json;
            request.Headers.TryAddWithoutValidation("Idempotency-Key", purchase.Key);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            await Take(response, index, attempt, cancel);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException
            || (broken is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            attempt.Kind = AnswerKind.Broken;
            attempt.Detail = broken.GetType().Name;
            attempt.AnsweredAt = Now;
            _attempts[index] = attempt;
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private async Task Take(HttpResponseMessage response, int index, Attempt attempt, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            var length = 0;
            await using var stream = await response.Content.ReadAsStreamAsync(cancel);
            for (int read; (read = await stream.ReadAsync(buffer.AsMemory(length), cancel)) > 0;)
            {
                length += read;
                if (length < buffer.Length)
                    continue;
                var larger = ArrayPool<byte>.Shared.Rent(2 * length);
                buffer.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }

            attempt.AnsweredAt = Now;
            var answer = Answer.Of(response.StatusCode, buffer.AsSpan(0, length));
            (attempt.Kind, attempt.OrderId, attempt.Detail) = (answer.Kind, answer.OrderId, answer.Detail);
            attempt.IsReplay = response.Headers.Contains("Idempotency-Replayed");
            if (IsForGood(response.StatusCode, answer.Kind))
                attempt.Fingerprint = $"{(int)response.StatusCode} {Convert.ToHexString(SHA256.HashData(buffer.AsSpan(0, length)))}";
            _attempts[index] = attempt;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Whether every click of the purchase has to be answered like this.</summary>
    private static bool IsForGood(HttpStatusCode status, AnswerKind kind) => status is HttpStatusCode.Created
        || (kind is AnswerKind.Refused && status is HttpStatusCode.Conflict or HttpStatusCode.Gone or HttpStatusCode.UnprocessableEntity);
}
