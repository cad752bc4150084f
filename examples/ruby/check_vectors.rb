# frozen_string_literal: true

# Verifies every token of a file of test vectors, at the time in the file: `ruby check_vectors.rb FILE` prints the results.

require_relative "sallyport"

vectors = JSON.parse(File.read(ARGV.fetch(0), encoding: "UTF-8"))
verifier = Sallyport::Verifier.new(
  issuer: vectors["issuer"],
  audience: vectors["audience"],
  introspection: false,
  keys: Sallyport::KeySet.new("http://the-file/", fetch: -> { vectors["jwks"] }),
  clock: -> { vectors["now"] }
)

verdicts = vectors["cases"].map do |one|
  verifier.verify(one["token"])
  [one["name"], "accepted"]
rescue Sallyport::TokenRefused => e
  [one["name"], e.code]
end
puts JSON.generate(verdicts)
