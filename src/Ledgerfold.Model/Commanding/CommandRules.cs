using System.Collections.Immutable;

namespace Ledgerfold.Model.Commanding;

/// <summary>What commands of one type must meet before anything is loaded for them.</summary>
internal sealed record CommandRules
{
    public ImmutableArray<Func<object, CommandAnswer.Invalid?>> Valid { get; init; } = [];

    public ImmutableArray<Func<object, CommandContext, CommandAnswer.Forbidden?>> Allowed { get; init; } = [];

    /// <summary>The first rule that the command breaks: what it says before who may say it.</summary>
    public CommandAnswer? Check(CommandContext context)
    {
        foreach (var rule in Valid)
        {
            if (rule(context.Command) is { } invalid)
                return invalid;
        }

        foreach (var rule in Allowed)
        {
            if (rule(context.Command, context) is { } forbidden)
                return forbidden;
        }

        return null;
    }
}
