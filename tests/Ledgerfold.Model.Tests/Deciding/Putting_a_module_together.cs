using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Tests.Domain;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Deciding;

public sealed class Putting_a_module_together
{
    [Theory]
    [InlineData("")]
    [InlineData("Order")]
    [InlineData("an order")]
    [InlineData("$state")]
    public void Refuses_a_decider_of_no_category(string category) =>
        Assert.Throws<ArgumentException>(() => new Decider<int>(category, 0, static (state, _) => state));

    [Fact]
    public void Refuses_two_handlers_of_one_command()
    {
        Assert.Throws<ArgumentException>(() => Modules.Bank.Handles<Deposit>(static (_, _) => Task.CompletedTask));
        Assert.Throws<ArgumentException>(() => Modules.Bank.Handles<Transfer>(static (_, _) => Task.CompletedTask));
        var other = new Module("other").Handles<Transfer>(static (_, _) => Task.CompletedTask);
        Assert.Throws<ArgumentException>(() => new Commands([Modules.Bank, other], new InMemoryLedger()));
    }

    [Fact]
    public void Refuses_two_deciders_of_one_category()
    {
        var another = new Decider<int>("account", 0, static (state, _) => state);
        Assert.Throws<ArgumentException>(() => Modules.Bank.Decides(another, static commands => commands));
        var other = new Module("other").Decides(another, static commands => commands);
        Assert.Throws<ArgumentException>(() => new Commands([Modules.Bank, other], new InMemoryLedger()));
    }

    [Fact]
    public void Refuses_two_modules_of_one_name() =>
        Assert.Throws<ArgumentException>(() => new Commands([Modules.Bank, new Module("bank")], new InMemoryLedger()));

    [Fact]
    public void Refuses_rules_for_what_it_does_not_handle() =>
        Assert.Throws<ArgumentException>(() => new Commands(Modules.Bank.Validates<CreateOrder>(static _ => null), new InMemoryLedger()));

    private sealed record Stow;

    private sealed record Unstow;

    [Theory]
    [InlineData("Deposit", "Unstow")] // the short name of a type is a name as any other
    [InlineData("Stow", "Stow")]
    public void Refuses_two_commands_of_one_name(string one, string other)
    {
        var module = new Module("stock").Handles<Stow>(static (_, _) => Task.CompletedTask).Handles<Unstow>(static (_, _) => Task.CompletedTask)
            .Names<Stow>(one).Names<Unstow>(other);

        Assert.Contains("would both be named", Assert.Throws<ArgumentException>(() => new Commands([Modules.Bank, module], new InMemoryLedger())).Message);
    }

    [Fact]
    public void Refuses_a_second_name_of_a_command_a_name_that_is_none_and_one_for_what_it_does_not_handle()
    {
        Assert.Throws<ArgumentException>(() => Modules.Bank.Names<Deposit>("PayIn").Names<Deposit>("PutIn"));
        Assert.Throws<ArgumentException>(() => Modules.Bank.Names<Deposit>(""));
        Assert.Throws<ArgumentException>(() => new Commands(Modules.Bank.Names<CreateOrder>("NewOrder"), new InMemoryLedger()));
    }

    [Fact]
    public void Changes_nothing_that_was_put_together_before()
    {
        var bank = Modules.Bank;
        _ = bank.Validates<Deposit>(static _ => new("amount", "never"));

        Assert.IsType<Decision.Events>(bank.Decide(new Deposit("a", 1), []));
        Assert.Empty(bank.Rules);
    }

    [Fact]
    public async Task Stands_around_the_way_of_its_commands()
    {
        var said = new List<string>();
        CommandMiddleware Saying(string name) => async (context, next, cancel) =>
        {
            said.Add($"{name} {context.Command.GetType().Name}");
            var answer = await next(context, cancel);
            said.Add($"{name} {answer.Kind}");
            return answer;
        };
        var module = Modules.Bank.Around(Saying("outer")).Around(Saying("inner"))
            .Validates<Deposit>(command =>
            {
                said.Add("valid?");
                return command.Amount > 1 ? new("amount", "one") : null;
            })
            .Authorizes<Deposit>((_, _) =>
            {
                said.Add("allowed?");
                return null;
            });
        var commands = new Commands(module, new InMemoryLedger(), new CommandsOptions { Middleware = [Saying("all")] });

        await commands.Tell(new Deposit("a", 1));
        await commands.Tell(new Deposit("a", 2));

        Assert.Equal(
            ["all Deposit", "outer Deposit", "inner Deposit", "valid?", "allowed?", "inner accepted", "outer accepted", "all accepted"],
            said.Take(8));
        Assert.Equal(["inner Deposit", "valid?", "inner invalid"], said.Skip(10).Take(3));
    }

    [Fact]
    public async Task Lets_middleware_answer_by_itself()
    {
        var ledger = new WatchedLedger(new InMemoryLedger());
        var module = Modules.Bank.Around(static (_, _, _) => Task.FromResult<CommandAnswer>(new CommandAnswer.Forbidden("closed today")));

        Assert.IsType<CommandAnswer.Forbidden>(await new Commands(module, ledger).Tell(new Deposit("a", 1)));
        Assert.Empty(ledger.Appends);
    }
}
