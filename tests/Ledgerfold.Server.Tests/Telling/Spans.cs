using System.Diagnostics;

namespace Ledgerfold.Server.Tests.Telling;

/// <summary>The spans that have ended, of the platform and of calls.</summary>
internal sealed class Spans : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<Activity> _ended = [];
    private readonly ActivityListener _listener;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Spans()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name is "Ledgerfold" or "Microsoft.AspNetCore",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public Activity[] Ended
    {
        get
        {
            lock (_lock)
                return [.. _ended];
        }
    }

    /// <summary>The first span that fits, once it has ended.</summary>
    public async Task<Activity> Find(Func<Activity, bool> fits)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_ended.Find(one => fits(one)) is { } found)
                    return found;
                more = _more.Task;
            }

            await more.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }

    public Task<Activity> ChildOf(Activity parent, string name) => Find(one => one.ParentSpanId == parent.SpanId && one.DisplayName == name);

    /// <summary>One that begins a trace and is linked to another span.</summary>
    public Task<Activity> LinkedTo(Activity other, string name) => Find(one =>
        one.DisplayName == name && one.Links.Any(link => link.Context.SpanId == other.SpanId && link.Context.TraceId == other.TraceId));

    public void Dispose() => _listener.Dispose();

    private void Add(Activity ended)
    {
        TaskCompletionSource more;
        lock (_lock)
        {
            _ended.Add(ended);
            (more, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        more.SetResult();
    }
}
