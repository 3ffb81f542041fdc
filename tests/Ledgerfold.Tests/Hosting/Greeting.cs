namespace Ledgerfold.Tests.Hosting;

public sealed record SendMail(string Customer);

/// <summary>Somebody who is written to; whether that can be done is said from the outside.</summary>
public sealed class Mailbox
{
    public bool IsFull { get; set; }

    public TaskCompletionSource<string> Received { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A process that needs a service of the application.</summary>
public static class Greeting
{
    public static readonly Policy<Shop.OrderCreated> Policy = new("greeting", static (created, _) => new SendMail(created.Customer));

    public static Module Module(Mailbox mailbox) => new Module("greeting")
        .Events(EventTypes.Of<Shop.Event>())
        .Performs(new Activity<SendMail>("send-mail")
        {
            Do = (mail, _, _) =>
            {
                if (mailbox.IsFull)
                    return Task.FromResult<ActivityOutcome>(new ActivityOutcome.Refused("MAILBOX_FULL"));
                mailbox.Received.TrySetResult(mail.Customer);
                return Task.FromResult<ActivityOutcome>(new ActivityOutcome.Done());
            },
        })
        .Runs(Policy);
}
