namespace ConnectTasks.Tests;
public sealed class E2ETests { [Fact] public void One_is_one() => Assert.Equal(1, int.Parse("1", null)); }
