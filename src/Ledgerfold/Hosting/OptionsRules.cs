using Microsoft.Extensions.Options;

namespace Ledgerfold.Hosting;

/// <summary>What options must say before an application starts on them; every rule that is broken is named.</summary>
internal sealed class OptionsRules : IValidateOptions<LedgerfoldOptions>
{
    public ValidateOptionsResult Validate(string? name, LedgerfoldOptions options)
    {
        var broken = Broken(options).ToArray();
        return broken.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(broken);
    }

    private static IEnumerable<string> Broken(LedgerfoldOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Directory) && (options.OpenLedger is null || options.OpenFolds is null))
            yield return "Directory: where the ledger is kept.";
        if (options.InlineWithin <= TimeSpan.Zero)
            yield return "InlineWithin: more than nothing.";
        if (options.Commands is null)
            yield return "Commands: not null.";
        else if (options.Commands is { TriesMax: < 1 } or { TogetherMax: < 1 } or { WaitingMax: < 1 } or { HotStatesMax: < 0 })
            yield return "Commands: at least one try, one command together and one that waits.";
        if (options.Folds is null)
            yield return "Folds: not null.";
        else if (options.Folds.CheckpointEvery <= TimeSpan.Zero || options.Folds.Parallelism < 1)
            yield return "Folds: a checkpoint after more than nothing, at least one key at a time.";
        if (options.Processes is null)
            yield return "Processes: not null.";
        else if (options.Processes is { InstancesMax: < 1 } or { WaitingMax: < 1 } or { CommandParallelism: < 1 }
            || options.Processes.ClockCheckEvery <= TimeSpan.Zero)
            yield return "Processes: at least one instance in memory, one step that waits and one command at a time; clocks are looked at.";
        if (options.Operations is null)
            yield return "Operations: not null.";
        else if (options.Operations is { Parallelism: < 1 } or { LivesMax: < 1 } or { OpenMax: < 1 or > Limits.HeldKeysMax }
            || options.Operations.RecordEvery < TimeSpan.Zero)
            yield return $"Operations: at least one at a time, one life, and one open of {Limits.HeldKeysMax}; no time below nothing.";
    }
}
