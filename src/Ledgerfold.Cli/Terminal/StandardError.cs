using Spectre.Console;

namespace Ledgerfold.Cli.Terminal;

/// <summary>Everything that is no data: messages and progress.</summary>
internal static class StandardError
{
    public static void Say(string message) => Console.Error.WriteLine(SafeText.Lines(message));

    /// <summary>
    /// Does work that cannot be cancelled inside and shows how far it is; an interrupt leaves it where it stands, which the work must bear.
    /// </summary>
    public static Task<T> WithProgress<T>(string what, Func<Action<int, int>, T> work, CancellationToken cancel) =>
        WithProgress(what, tell => Task.Run(() => work((done, of) => tell(done, of)), cancel).WaitAsync(cancel));

    /// <summary>Does work and shows how far it is.</summary>
    public static Task<T> WithProgress<T>(string what, Func<Action<long, long>, Task<T>> work) =>
        AnsiConsole.Create(new AnsiConsoleSettings
        {
            // Told explicitly: where standard error is redirected, the default would still write colour codes.
            Ansi = Console.IsErrorRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = Console.IsErrorRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Out = new AnsiConsoleOutput(Console.Error),
        }).Progress().StartAsync(async context =>
        {
            var task = context.AddTask(what, autoStart: true, maxValue: 1);
            var result = await work((done, of) =>
            {
                task.MaxValue = Math.Max(of, 1);
                task.Value = done;
            });
            task.Value = task.MaxValue;
            return result;
        });
}
