// Every sample begins with these.

// begin
global using Ledgerfold;
global using Ledgerfold.Model;
global using Ledgerfold.Model.Acting;
global using Ledgerfold.Model.Commanding;
global using Ledgerfold.Model.Deciding;
global using Ledgerfold.Model.Driving;
global using Ledgerfold.Model.Events;
global using Ledgerfold.Model.Folding;
global using Ledgerfold.Model.Processing;
global using Ledgerfold.Model.Querying;
global using Microsoft.Extensions.DependencyInjection;
global using Microsoft.Extensions.Hosting;
// end
