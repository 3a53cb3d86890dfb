#!/usr/bin/perl
# Asks for each child by its pid: no other form is needed, it seems.
# fails: other-group own-group as-asked
my @kids;
for my $i (1 .. 4) {
    my $pid = fork();
    exit $i if $pid == 0;
    push @kids, $pid;
}
waitpid($_, 0) for @kids;
print "the last wait returned ", wait(), "\n";
