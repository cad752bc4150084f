# frozen_string_literal: true

# The Ruby class, moved by lines of JSON: each line is a question with the time to ask it at, and is answered with one line.

require_relative "../../examples/ruby/sallyport"

now = 0.0
clock = -> { now }
verifier = introspection = nil
$stderr.reopen(File::NULL)

$stdin.each_line do |line|
  asked = JSON.parse(line)
  now = asked.fetch("now", now)
  answer =
    if (options = asked["open"])
      introspection = options["introspectUrl"] ? Sallyport::Introspection.new(options["introspectUrl"], options["credential"], clock: clock) : false
      fetch = options["jwks"] && -> { options["jwks"] }
      keys = Sallyport::KeySet.new(options["jwksUrl"] || "http://localhost/", fetch: fetch, clock: clock)
      verifier = Sallyport::Verifier.new(issuer: options["issuer"], audience: options["audience"], keys: keys, introspection: introspection, clock: clock)
      nil
    elsif asked["token"]
      begin
        verifier.verify(asked["token"])
        "accepted"
      rescue Sallyport::TokenRefused => e
        e.code
      rescue Sallyport::Unavailable
        "unavailable"
      end
    elsif asked["size"]
      introspection.size
    end
  puts JSON.generate(answer)
  $stdout.flush
end
