using System.Collections.Frozen;
using System.Text.Json;
using Ledgerfold.Model.Acting;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// Everything that a step can ask for: the commands that modules handle and the activities they perform, by type and by the name under
/// which they are recorded. Immutable.
/// </summary>
internal sealed class WorkTypes
{
    private readonly FrozenDictionary<Type, Kind> _byType;
    private readonly FrozenDictionary<string, Type> _commands;
    private readonly FrozenDictionary<string, Activity> _activities;

    public WorkTypes(IEnumerable<Module> modules)
    {
        var kinds = new Dictionary<Type, Kind>();
        var commands = new Dictionary<string, Type>(StringComparer.Ordinal);
        var activities = new Dictionary<string, Activity>(StringComparer.Ordinal);
        foreach (var module in modules)
        {
            foreach (var route in module.Routes)
            {
                kinds.Add(route.Command, new Kind(module.NameOf(route.Command), Settles: true, IsActivity: false));
                commands.Add(module.NameOf(route.Command), route.Command);
            }

            foreach (var activity in module.Activities)
            {
                if (!kinds.TryAdd(activity.Request, new Kind(activity.Name, activity.CanAsk, IsActivity: true)))
                {
                    throw new ArgumentException(
                        $"{activity.Request} is the request of two activities, or a command as well.", nameof(modules));
                }

                if (!activities.TryAdd(activity.Name, activity))
                    throw new ArgumentException($"Two activities are named {activity.Name}.", nameof(modules));
            }
        }

        _byType = kinds.ToFrozenDictionary();
        _commands = commands.ToFrozenDictionary(StringComparer.Ordinal);
        _activities = activities.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public IEnumerable<Activity> Activities => _activities.Values;

    public Activity? FindActivity(string name) => _activities.GetValueOrDefault(name);

    /// <summary>What is asked for, as it is recorded.</summary>
    /// <exception cref="InvalidOperationException">No module handles or performs it.</exception>
    public Work Write(object work)
    {
        var kind = _byType.GetValueOrDefault(work.GetType())
            ?? throw new InvalidOperationException($"No module handles or performs {work.GetType()}.");
        var data = JsonSerializer.SerializeToElement(work, work.GetType(), EventJson.CommandOptions);
        return new Work(kind.Name, data, kind.Settles, kind.IsActivity);
    }

    /// <summary>The command as it was recorded; null where no module handles one of that name any more.</summary>
    public object? ReadCommand(Work work) =>
        _commands.TryGetValue(work.Name, out var type) ? work.Data.Deserialize(type, EventJson.CommandOptions) : null;

    private sealed record Kind(string Name, bool Settles, bool IsActivity);
}
