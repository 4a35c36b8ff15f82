#!/usr/bin/env perl
# An adapter of protocol version 1 in Perl, core modules only: sign, presign and verify.
use strict;
use warnings;
use Digest::SHA qw(sha1_hex hmac_sha1_hex);
use Encode qw(decode_utf8 encode_utf8);
use JSON::PP ();

my @FIELDS = qw(q-sign-algorithm q-ak q-sign-time q-key-time q-header-list q-url-param-list q-signature);
my %IS_FIELD = map { $_ => 1 } @FIELDS;
my $SKEW_SECONDS = 900;    # how far the start of a signature may lie in the future
my $REFUSED = "refused: ";

sub encode {
  my $bytes = encode_utf8(shift);
  $bytes =~ s/([^A-Za-z0-9\-._~])/sprintf "%%%02X", ord $1/ge;
  return $bytes;
}

sub decode {
  my $bytes = encode_utf8(shift);
  $bytes =~ tr/+/ /;
  $bytes =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
  return decode_utf8($bytes);
}

sub hmac { my ($key, $text) = @_; return hmac_sha1_hex(encode_utf8($text), encode_utf8($key)) }

sub encoded { return map { [lc encode($_->[0]), encode($_->[1] // "")] } @_ }

# The list of the names and the string of the pairs, both in the order given.
sub joined { return [join(";", map { $_->[0] } @_), join("&", map { "$_->[0]=$_->[1]" } @_)] }

# What is to be signed of the pairs: all, or those that the names have.
sub canonical {
  my ($pairs, $names) = @_;
  my %wanted = map { lc($_) => 1 } @{ $names // [] };
  return joined(sort { $a->[0] cmp $b->[0] } encoded(grep { !$names || $wanted{ lc $_->[0] } } @$pairs));
}

sub stages {
  my ($method, $path, $params, $headers, $id, $key, $key_time, $sign_time) = @_;
  my %out = (key_time => $key_time, sign_key => hmac($key, $key_time));
  @out{qw(url_param_list http_parameters)} = @$params;
  @out{qw(header_list http_headers)} = @$headers;
  $out{http_string} = join "", map { "$_\n" } lc $method, $path, $params->[1], $headers->[1];
  $out{http_string_sha1} = sha1_hex(encode_utf8($out{http_string}));
  $out{string_to_sign} = "sha1\n$sign_time\n$out{http_string_sha1}\n";
  $out{signature} = hmac($out{sign_key}, $out{string_to_sign});
  my @values = ("sha1", $id, $sign_time, $key_time, $headers->[0], $params->[0], $out{signature});
  $out{authorization} = join "&", map { "$FIELDS[$_]=$values[$_]" } 0 .. $#FIELDS;
  return \%out;
}

sub fields { return map { my ($name, $value) = split /=/, $_, 2; [$name // "", $value // ""] } split /&/, shift, -1 }

sub sign {
  my $message = shift;
  my ($request, $credentials) = @$message{qw(request credentials)};
  return { stages => stages(
    $request->{method}, $request->{path}, canonical($request->{params}, $message->{signed_param_names}),
    canonical($request->{headers}, $message->{signed_header_names}), @$credentials{qw(secret_id secret_key)},
    @$message{qw(key_time sign_time)}) };
}

sub presign {
  my $message = shift;
  my $made = sign($message)->{stages};
  my @query = map { encode($_->[0]) . (defined $_->[1] ? "=" . encode($_->[1]) : "") }
    @{ $message->{request}{params} }, fields($made->{authorization});
  my $path = join "/", map { encode($_) } split m{/}, $message->{request}{path}, -1;
  return { url => "$message->{url}$path?" . join("&", @query), stages => $made };
}

sub verify {
  my $message = shift;
  die "verify needs request, secrets and now\n" if grep { !defined } @$message{qw(request secrets now)};
  return { accepted => JSON::PP::true } if eval { verified(@$message{qw(request secrets now)}); 1 };
  die $@ unless $@ =~ s/^\Q$REFUSED\E//;
  chomp(my $reason = $@);
  return { accepted => JSON::PP::false, reason => $reason };
}

sub refuse { die $REFUSED . shift . "\n" }

# Dies with a refusal unless the request carries a signature that is its own.
sub verified {
  my ($request, $secrets, $now) = @_;
  my ($path, $query) = split /\?/, $request->{target}, 2;
  my @params = map { [decode($_->[0]), decode($_->[1])] } fields($query // "");
  @params = grep { $_->[0] ne "" || $_->[1] ne "" } @params;
  my ($header) = map { $_->[1] } grep { lc $_->[0] eq "authorization" } @{ $request->{headers} };
  my ($merged) = map { $_->[1] } grep { $_->[0] eq "sign" } @params;
  my @given = grep { $IS_FIELD{ $_->[0] } } @params;
  if ($header) {
    @given = fields($header);
  } elsif (@given) {
    @params = grep { !$IS_FIELD{ $_->[0] } } @params;
  } elsif ($merged) {
    @given = fields($merged);
    @params = grep { $_->[0] ne "sign" } @params;
  } else {
    refuse("AccessDenied");
  }
  my %field = map { @$_ } @given;
  refuse("InvalidAuthorization") if @given != @FIELDS || grep { !defined } @field{@FIELDS};
  refuse("InvalidAuthorization") if $field{"q-sign-algorithm"} ne "sha1" || $field{"q-signature"} !~ /^[0-9a-f]{40}\z/;
  my @spans = map { /^([0-9]{1,15});([0-9]{1,15})\z/ ? [$1, $2] : refuse("InvalidAuthorization") } @field{qw(q-sign-time q-key-time)};
  my $key = $secrets->{ $field{"q-ak"} } // refuse("InvalidAccessKeyId");
  for (@spans) {
    my ($start, $end) = @$_;
    refuse("AccessDenied: Request has expired") if $end <= $start || $now > $end;
    refuse("RequestTimeTooSkewed") if $now + $SKEW_SECONDS < $start;
  }
  my $own = stages(
    $request->{method}, decode($path), chosen(\@params, $field{"q-url-param-list"}),
    chosen($request->{headers}, $field{"q-header-list"}), $field{"q-ak"}, $key, @field{qw(q-key-time q-sign-time)});
  my $difference = $own->{signature} ^ $field{"q-signature"};    # all bytes are compared, whatever the first ones are
  refuse("SignatureDoesNotMatch") if $difference =~ tr/\0//c;
}

# The pairs that the list names, in its order.
sub chosen {
  my ($pairs, $list) = @_;
  my @left = encoded(@$pairs);
  my @found;
  for my $name (split /;/, lc $list, -1) {
    my $encoded = lc encode($name);
    my ($place) = grep { $left[$_][0] eq $name || $left[$_][0] eq $encoded } 0 .. $#left;
    refuse("SignatureDoesNotMatch") unless defined $place;
    push @found, splice @left, $place, 1;
  }
  return joined(@found);
}

sub hello {
  return {
    protocol => 1, name => "perl-core", version => "1", language => sprintf("Perl %vd", $^V),
    commands => [qw(sign presign verify)] };
}

my %COMMANDS = (hello => \&hello, sign => \&sign, presign => \&presign, verify => \&verify);
my $json = JSON::PP->new->utf8->canonical;
$SIG{__WARN__} = sub { die @_ };    # a value that is missing is an error, not an empty text
$| = 1;
while (defined(my $line = <STDIN>)) {
  my $message = $json->decode($line);
  my $command = $COMMANDS{ $message->{command} // "" };
  my $answer = $command ? eval { $command->($message) } // { error => "$@" } : { skipped => "no such command" };
  print $json->encode({ id => $message->{id}, %$answer }), "\n";
}
