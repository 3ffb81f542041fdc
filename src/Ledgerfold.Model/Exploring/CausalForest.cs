using System.Collections.Immutable;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model.Exploring;

/// <summary>
/// Grows trees of causes, event by event in the order of the ledger. A cause counts only where it stands before what it led to, so there is
/// never a circle, whatever ids the authors of events chose: an event that names a later one, or itself, begins a tree.
/// </summary>
/// <param name="events">The events to come: a cause among them that has not come yet is a later one.</param>
/// <param name="nodesMax">How many nodes there may be.</param>
/// <param name="find">Finds an event from outside.</param>
internal sealed class CausalForest(
    ImmutableArray<RecordedEvent> events, int nodesMax, Func<Guid, ValueTask<RecordedEvent?>> find)
{
    private readonly HashSet<string> _ids = [.. events.Select(static one => NameOf(one.Id))];
    private readonly Dictionary<string, Branch> _branches = new(StringComparer.Ordinal);
    private readonly List<Branch> _roots = [];

    /// <summary>Grows as far as there is room, and answers how many of the events are in it.</summary>
    public async ValueTask<int> Grow()
    {
        var placed = 0;
        foreach (var recorded in events)
        {
            var grown = new List<Branch>(3);
            var cause = await CauseOf(recorded, grown);
            grown.Add(new Branch(NameOf(recorded.Id), CorrelationNodeKind.Event, cause) { Event = recorded });
            if (_branches.Count + grown.Count > nodesMax)
                break;
            foreach (var branch in grown)
                Add(branch, recorded.Position);
            placed++;
        }

        return placed;
    }

    /// <summary>All nodes, each before those it led to.</summary>
    public ImmutableArray<CorrelationNode> Nodes()
    {
        var nodes = ImmutableArray.CreateBuilder<CorrelationNode>(_branches.Count);
        var open = new Stack<(Branch Branch, int Depth)>();
        foreach (var root in _roots.OrderBy(static one => one.Order).Reverse())
            open.Push((root, 0));
        while (open.TryPop(out var next))
        {
            nodes.Add(next.Branch.ToNode(next.Depth));
            foreach (var child in Enumerable.Reverse(next.Branch.Children))
                open.Push((child, next.Depth + 1));
        }

        return nodes.ToImmutable();
    }

    private static string NameOf(Guid id) => id.ToString();

    /// <summary>What led to an event: known already, or added to what is to grow with it.</summary>
    private async ValueTask<Branch?> CauseOf(RecordedEvent recorded, List<Branch> grown)
    {
        if (recorded.CausationId is not { } text || IsLater(Normal(text)))
            return null;
        var name = Normal(text);
        if (_branches.TryGetValue(name, out var known))
            return known;
        if (StoredAnswer.Of(recorded) is not { } answer)
            return await GhostOf(name, recorded, grown);
        var above = await CauseOfCommand(name, recorded, grown);
        var command = new Branch(name, CorrelationNodeKind.Command, above) { Command = answer.Command };
        grown.Add(command);
        return command;
    }

    private async ValueTask<Branch?> CauseOfCommand(string command, RecordedEvent recorded, List<Branch> grown)
    {
        var header = recorded.Headers.FirstOrDefault(static one => one.Key == StoredAnswer.CauseHeader).Value;
        if (header is null || Normal(header) is var name && (name == command || IsLater(name)))
            return null;
        return _branches.TryGetValue(name, out var known) ? known : await GhostOf(name, recorded, grown);
    }

    private async ValueTask<Branch?> GhostOf(string name, RecordedEvent recorded, List<Branch> grown)
    {
        var found = Guid.TryParse(name, out var id) ? await find(id) : null;
        if (found is not null && found.Position >= recorded.Position)
            return null;
        var ghost = new Branch(name, CorrelationNodeKind.Ghost, null) { Event = found };
        grown.Add(ghost);
        return ghost;
    }

    /// <summary>Whether it names one of the events, and that has not come yet.</summary>
    private bool IsLater(string name) => _ids.Contains(name) && !_branches.ContainsKey(name);

    private void Add(Branch branch, long position)
    {
        branch.Order = branch.Event?.Position ?? position;
        _branches.Add(branch.Name, branch);
        (branch.Parent?.Children ?? _roots).Add(branch);
    }

    /// <summary>An id as it is compared: those that are UUIDs in one form, however they are written.</summary>
    private static string Normal(string id) => Guid.TryParse(id, out var known) ? NameOf(known) : id;

    private sealed class Branch(string name, CorrelationNodeKind kind, Branch? parent)
    {
        public string Name => name;

        public Branch? Parent => parent;

        public RecordedEvent? Event { get; init; }

        public string? Command { get; init; }

        public long Order { get; set; }

        public List<Branch> Children { get; } = [];

        /// <summary>When it was recorded, or the nearest above it that was: at most a command stands between.</summary>
        private DateTimeOffset? Time => Event?.RecordedAt ?? parent?.Time;

        public CorrelationNode ToNode(int depth) => new(
            name,
            kind,
            parent?.Name,
            depth,
            (Event?.RecordedAt - parent?.Time)?.TotalMilliseconds,
            Event is null ? null : EventMark.Of(Event),
            Command);
    }
}
